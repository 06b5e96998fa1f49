/** Answers the contract: one short handler per procedure; the work is elsewhere. */
import { implement, ORPCError, type Router } from '@orpc/server'
import { type Contract, contract } from '../contract/contract.ts'
import type { Problem } from '../contract/errors.ts'
import type { Analysis } from './analysis/analysis.ts'
import { analysisHandlers } from './analysis-router.ts'
import { examine } from './capabilities.ts'
import type { GroupFeed } from './group-feed.ts'
import type { GroupsFeed } from './groups-feed.ts'
import { readHost } from './host.ts'
import type { Laboratory } from './lab/laboratory.ts'
import { labHandlers } from './lab-router.ts'
import type { Observation } from './observation.ts'
import { problemOfError, Unreadable } from './problems.ts'
import type { SettingsStore } from './settings-store.ts'
import { type SnapshotParts, snapshotHandlers } from './snapshots-router.ts'

export type Parts = {
  observation: Observation
  groups: GroupsFeed
  group: GroupFeed
  analysis: Analysis
  snapshots: SnapshotParts
  laboratory: Laboratory
  settings: SettingsStore
  /** Name and version of the running program. */
  engine: string
  startedAt: Date
}

export type EngineContext = Record<never, never>

export function createRouter(parts: Parts): Router<Contract, EngineContext> {
  // Output is built by this code from the model's own types; validating it again would cost more than building it.
  // Tests check every answer against the model.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  const { inspection, sampler, watch } = parts.observation
  let settings = parts.settings.read()
  sampler.intervalMs = settings.intervalMs
  watch.mute(settings.mutedFindings)
  const analysis = analysisHandlers(parts.analysis)
  const snapshots = snapshotHandlers(parts.snapshots, () => settings.intervalMs)

  /** Runs `work`; an error becomes a typed error with its problem. */
  async function asked<T>(what: string, fail: (problem: Problem) => Error, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ORPCError) throw error
      throw fail(problemOfError(what, error))
    }
  }

  return os.router({
    snapshot: os.snapshot.handler(({ input, errors }) =>
      parts.observation.snapshot(input).catch((error: unknown) => {
        if (!(error instanceof Unreadable)) throw error
        throw errors[error.code]({ message: error.message, data: error.data })
      }),
    ),

    groups: {
      changes: os.groups.changes.handler(({ input, signal, errors }) =>
        asked(
          'reading the groups of this machine',
          (data) => errors.SERVICE_UNAVAILABLE({ message: data.happened, data }),
          () =>
            input.snapshot === undefined
              ? parts.groups.changes(input, signal)
              : snapshots.streams.groups(input.snapshot, input, errors, signal),
        ),
      ),
    },

    snapshots: snapshots.procedures,
    lab: labHandlers(parts.laboratory),
    steering: analysis.steering,
    findings: {
      changes: os.findings.changes.handler(({ input, signal, errors }) =>
        input.snapshot === undefined
          ? analysis.findings(input.after, errors, signal)
          : snapshots.streams.findings(input.snapshot, input, errors, signal),
      ),
    },

    group: {
      balance: analysis.balance,
      whatIf: analysis.whatIf,
      changes: os.group.changes.handler(async ({ input, signal, errors }) => {
        const change = await asked(
          `reading group ${input.id}`,
          (data) => errors.SERVICE_UNAVAILABLE({ message: data.happened, data }),
          () =>
            input.snapshot === undefined
              ? parts.group.changes(input.id, input.after, signal)
              : snapshots.streams.group(input.snapshot, input, errors, signal),
        )
        if (change !== null) return change
        const data = {
          asked: `reading group ${input.id}`,
          happened: 'no group has this id',
          remedy: 'It may have closed, or be from another machine or another boot.',
        }
        throw errors.NOT_FOUND({ message: `${data.asked}: ${data.happened}`, data })
      }),
    },

    processes: {
      details: os.processes.details.handler(({ input }) => parts.observation.processes(input.pids)),
    },

    machine: {
      port: analysis.port,
      about: os.machine.about.handler(async ({ errors }) => {
        await asked(
          'reading this machine',
          (data) => errors.SERVICE_UNAVAILABLE({ message: data.happened, data }),
          () => sampler.current(),
        )
        return {
          host: readHost(),
          namespaces: inspection.namespaces.list(),
          engine: parts.engine,
          startedAt: parts.startedAt.toISOString(),
        }
      }),
      capabilities: os.machine.capabilities.handler(async () => {
        const host = readHost()
        return { host, checks: await examine(inspection, sampler, host) }
      }),
    },

    sampling: {
      pause: os.sampling.pause.handler(({ input }) => {
        sampler.pause(input.paused)
        return sampler.state
      }),
      refresh: os.sampling.refresh.handler(({ errors }) =>
        asked(
          'reading all TCP and UDP sockets',
          (data) => errors.SERVICE_UNAVAILABLE({ message: data.happened, data }),
          () => sampler.read('now', async () => sampler.state),
        ),
      ),
    },

    settings: {
      get: os.settings.get.handler(() => settings),
      set: os.settings.set.handler(({ input, errors }) => {
        settings = { ...settings, ...withoutUndefined(input) }
        sampler.intervalMs = settings.intervalMs
        watch.mute(settings.mutedFindings)
        try {
          parts.settings.write(settings)
        } catch (error) {
          const data = {
            asked: 'storing the settings',
            happened: error instanceof Error ? error.message : String(error),
            remedy:
              'They apply until the inspector exits. Free space or fix the permissions, then change a setting again.',
          }
          throw errors.SERVICE_UNAVAILABLE({ message: `the settings could not be stored: ${data.happened}`, data })
        }
        return settings
      }),
    },
  })
}

/** Without undefined entries: an optional field of a request may be present and undefined. */
function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
