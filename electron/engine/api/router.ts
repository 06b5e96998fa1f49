/** Answers the contract: one short handler per procedure; the work is elsewhere. */
import { implement, type Router } from '@orpc/server'
import { type Contract, contract } from '../../contract/contract.ts'
import type { Settings } from '../../contract/settings.ts'
import type { Analysis } from '../analyze/analysis.ts'
import { findingSteps } from '../analyze/steps/finding-steps.ts'
import { checkPermissions } from '../collect/capabilities.ts'
import { SINGLE_FRAME } from '../collect/frame-request.ts'
import { readHost } from '../collect/host.ts'
import { EngineError } from '../common/errors.ts'
import { reasonOf } from '../common/system-error.ts'
import type { EngineCore } from '../engine-core.ts'
import type { LabService } from '../lab/lab-service.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { GroupFeed } from '../stream/group-feed.ts'
import type { GroupsFeed } from '../stream/groups-feed.ts'
import { analysisHandlers } from './analysis-router.ts'
import type { EngineContext } from './engine-context.ts'
import { labHandlers } from './lab-router.ts'
import { type MemoryParts, memoryHandlers } from './memory-router.ts'
import { foundGroup, readingGroup, type SnapshotStorage, snapshotHandlers } from './snapshots-router.ts'
import { withTypedErrors } from './typed-errors.ts'
import { noLab, noSnapshots } from './view-only.ts'

export type RouterParts = {
  core: EngineCore
  groups: GroupsFeed
  group: GroupFeed
  analysis: Analysis
  memory: MemoryParts
  /** null, like the lab, in an engine that only reads. */
  snapshots: SnapshotStorage | null
  laboratory: LabService | null
  settings: SettingsStore
  /** Name and version of the running program. */
  engine: string
  startedAt: Date
}

export function createRouter(parts: RouterParts): Router<Contract, EngineContext> {
  // Output is built by this code from the model's own types; validating it again would cost more than building it.
  // Tests check every answer against the model.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  const { collector, sampler, findings } = parts.core
  let settings = parts.settings.read()
  sampler.intervalMs = settings.intervalMs
  findings.log.mute(settings, new Date())
  const analysis = analysisHandlers(parts.analysis)
  const snapshots =
    parts.snapshots === null ? noSnapshots() : snapshotHandlers(parts.snapshots, () => settings.intervalMs)

  return os.router({
    snapshot: os.snapshot.handler(({ input, errors }) =>
      withTypedErrors('reading all TCP and UDP sockets', errors, () => parts.core.snapshot(input)),
    ),

    groups: {
      changes: os.groups.changes.handler(({ input, signal, errors }) =>
        input.snapshot === undefined
          ? withTypedErrors('reading the groups of this machine', errors, () => parts.groups.changes(input, signal))
          : snapshots.streams.groups(input.snapshot, input, errors, signal),
      ),
    },

    snapshots: snapshots.procedures,
    lab: parts.laboratory === null ? noLab() : labHandlers(parts.laboratory),
    ...memoryHandlers(parts.memory, collector),
    steering: analysis.steering,
    findings: {
      changes: os.findings.changes.handler(({ input, signal, errors }) =>
        input.snapshot === undefined
          ? withTypedErrors('reading the findings', errors, () => parts.analysis.findings.changes(input.after, signal))
          : snapshots.streams.findings(input.snapshot, input, errors, signal),
      ),
      steps: os.findings.steps.handler(({ input, errors }) =>
        withTypedErrors(`finding the steps for ${input.id}`, errors, () => ({
          ...findingSteps(parts.core, input.id),
          incident: parts.memory.watch.incidentOf(input.id),
        })),
      ),
    },

    group: {
      balance: analysis.balance,
      whatIf: analysis.whatIf,
      waiting: analysis.waiting,
      flows: analysis.flows,
      changes: os.group.changes.handler(({ input, signal, errors }) =>
        input.snapshot === undefined
          ? withTypedErrors(readingGroup(input.id), errors, async () =>
              foundGroup(input.id, await parts.group.changes(input.id, input.after, signal)),
            )
          : snapshots.streams.group(input.snapshot, input, errors, signal),
      ),
    },

    processes: {
      details: os.processes.details.handler(({ input }) => parts.core.processes(input.pids)),
    },

    machine: {
      counters: analysis.counters,
      port: analysis.port,
      about: os.machine.about.handler(async ({ errors }) => {
        await withTypedErrors('reading this machine', errors, () => sampler.current())
        return {
          host: readHost(),
          namespaces: collector.namespaces.list(),
          engine: parts.engine,
          startedAt: parts.startedAt.toISOString(),
        }
      }),
      capabilities: os.machine.capabilities.handler(async () => {
        const host = readHost()
        return { host, checks: await checkPermissions(collector, sampler, host) }
      }),
    },

    sampling: {
      pause: os.sampling.pause.handler(({ input }) => {
        sampler.pause(input.paused)
        return sampler.state
      }),
      refresh: os.sampling.refresh.handler(({ errors }) =>
        withTypedErrors('reading all TCP and UDP sockets', errors, () =>
          sampler.read(SINGLE_FRAME, async () => sampler.state),
        ),
      ),
    },

    settings: {
      get: os.settings.get.handler(() => settings),
      set: os.settings.set.handler(({ input, errors }) => {
        settings = { ...settings, ...withoutUndefined(input) }
        sampler.intervalMs = settings.intervalMs
        findings.log.mute(settings, new Date())
        return withTypedErrors('storing the settings', errors, () => {
          store(parts.settings, settings)
          return settings
        })
      }),
    },
  })
}

/** Stores the settings. Throws EngineError. */
function store(kept: SettingsStore, settings: Settings): void {
  try {
    kept.write(settings)
  } catch (error) {
    throw new EngineError(
      'SERVICE_UNAVAILABLE',
      {
        operation: 'storing the settings',
        cause: reasonOf(error).cause,
        hint: 'They apply until the inspector exits. Free space or fix the permissions, then change a setting again.',
      },
      error,
    )
  }
}

/** Without undefined entries: an optional field of a request may be present and undefined. */
function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
