/** An engine without a machine: for states that real sockets cannot make (late, failing, huge, out of disk). */
import { implement } from '@orpc/server'
import { contract } from '../../electron/contract/contract.ts'
import type { GroupRow, GroupsChange, Sampling } from '../../electron/contract/live.ts'
import type { Settings } from '../../electron/contract/settings.ts'
import { Settings as SettingsShape } from '../../electron/contract/settings.ts'
import { memorySettings, type SettingsStore } from '../../electron/engine/settings-store.ts'
import type { EngineRouter } from '../../electron/host/pending.ts'
import { noAnalysis } from './no-analysis.ts'
import { noLab } from './no-lab.ts'
import { noSnapshots } from './no-snapshots.ts'

export type MemoryEngine = {
  readonly router: EngineRouter
  /** Shows these groups from now on and answers the questions that wait. */
  show(rows: readonly GroupRow[]): void
  /** Every question waits from now on, until `false`. */
  hold(held: boolean): void
  /** Questions that wait for something newer. */
  readonly waiting: number
}

const HOST = { hostname: 'test', kernelRelease: '6.18.0', bootId: null, uid: 1000, capabilities: [] }

/** Starts with no group. `settings` may fail, to try what a full disk does. */
export function memoryEngine(settings: SettingsStore = memorySettings(SettingsShape.parse({}))): MemoryEngine {
  let rows: readonly GroupRow[] = []
  let refresh = 1
  let paused = false
  let held: Promise<void> | null = null
  let release = (): void => {}
  const waiters = new Set<() => void>()
  let current: Settings = settings.read()

  const wake = (): void => {
    refresh++
    for (const waiter of waiters) waiter()
    waiters.clear()
  }
  const sampling = (): Sampling => ({
    refresh,
    takenAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    intervalMs: current.intervalMs,
    askedIntervalMs: current.intervalMs,
    paused,
    problem: null,
  })
  const newer = (after: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
    if (after === undefined || Number(after) < refresh) return Promise.resolve()
    return new Promise((resolve, reject) => {
      waiters.add(resolve)
      signal?.addEventListener('abort', () => {
        waiters.delete(resolve)
        reject(signal.reason)
      })
    })
  }
  const change = (after: string | undefined): GroupsChange => ({
    position: String(refresh),
    reset: after === undefined,
    more: false,
    rows: [...rows],
    gone: [],
    totals: { sockets: 0, groups: rows.length, plain: 0, ownersHidden: 0, processesRefused: 0 },
    namespaces: [{ inode: 1, name: 'host', self: true }],
    sampling: sampling(),
  })

  const os = implement(contract)
  const analysis = noAnalysis(sampling)
  const router = os.router({
    snapshot: os.snapshot.handler(({ errors }) => {
      throw errors.NOT_IMPLEMENTED({ data: { asked: 'a snapshot', happened: 'this is a test double', remedy: null } })
    }),
    groups: {
      changes: os.groups.changes.handler(async ({ input, signal }) => {
        await held
        await newer(input.after, signal)
        return change(input.after)
      }),
    },
    snapshots: noSnapshots(),
    lab: noLab(),
    steering: analysis.steering,
    findings: analysis.findings,
    group: {
      balance: analysis.balance,
      whatIf: analysis.whatIf,
      changes: os.group.changes.handler(({ errors, input }) => {
        throw errors.NOT_FOUND({ data: { asked: `group ${input.id}`, happened: 'there is none', remedy: null } })
      }),
    },
    processes: { details: os.processes.details.handler(() => []) },
    machine: {
      about: os.machine.about.handler(async () => {
        await held
        return {
          host: HOST,
          namespaces: [{ inode: 1, name: 'host', self: true }],
          engine: 'memory',
          startedAt: '2026-01-01T00:00:00.000Z',
        }
      }),
      capabilities: os.machine.capabilities.handler(() => ({ host: HOST, checks: [] })),
    },
    sampling: {
      pause: os.sampling.pause.handler(({ input }) => {
        paused = input.paused
        return sampling()
      }),
      refresh: os.sampling.refresh.handler(() => {
        wake()
        return sampling()
      }),
    },
    settings: {
      get: os.settings.get.handler(() => current),
      set: os.settings.set.handler(({ input, errors }) => {
        const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
        current = SettingsShape.parse({ ...current, ...given })
        try {
          settings.write(current)
        } catch (error) {
          const happened = `they could not be stored (${(error as NodeJS.ErrnoException).code})`
          throw errors.SERVICE_UNAVAILABLE({ data: { asked: 'to keep the settings', happened, remedy: null } })
        }
        return current
      }),
    },
  })
  return {
    router,
    show: (next) => {
      rows = next
      wake()
    },
    hold: (hold) => {
      if (hold) held = new Promise((resolve) => (release = resolve))
      else {
        held = null
        release()
      }
    },
    get waiting() {
      return waiters.size
    },
  }
}
