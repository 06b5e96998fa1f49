/**
 * An engine controlled by a test, for states that real sockets do not produce on demand. It implements the contract, so
 * a front cannot tell it from the real one.
 */
import { implement, ORPCError } from '@orpc/server'
import type { FindingRow, FindingsChange } from '../../electron/contract/analysis.ts'
import { contract } from '../../electron/contract/contract.ts'
import type { Problem } from '../../electron/contract/errors.ts'
import type { GroupRow, GroupsChange, PermissionCheck, SamplerStatus, Totals } from '../../electron/contract/live.ts'
import type { Host, Namespace } from '../../electron/contract/model.ts'
import type { PortUse } from '../../electron/contract/port.ts'
import { Settings } from '../../electron/contract/settings.ts'
import type { FindingSteps } from '../../electron/contract/steps.ts'
import { LabDouble } from './lab.ts'
import { MemoryDouble } from './memory.ts'
import { noAnalysis } from './no-analysis.ts'
import { StoredSnapshots } from './stored-snapshots.ts'

const PAGE_ROWS = 256

type Kept = { row: GroupRow; changedIn: number }

export class EngineDouble {
  readonly #rows = new Map<string, Kept>()
  readonly #gone: { id: string; goneIn: number }[] = []
  #refresh = 0
  #takenAt = new Date()
  #wake: (() => void)[] = []
  #gate: Promise<void> = Promise.resolve()
  #openGate: () => void = () => {}
  settings: Settings = Settings.parse({})
  paused = false
  problem: Problem | null = null
  /** While set, `groups.changes` fails with it. */
  refusal: { code: 'FORBIDDEN' | 'SERVICE_UNAVAILABLE'; problem: Problem } | null = null
  /** The settings are answered when it resolves. */
  settingsArrive: Promise<void> = Promise.resolve()
  /** While set, settings are not stored. */
  diskFull = false
  namespaces: Namespace[] = [{ inode: 4026531840, name: 'host', self: true }]
  totals: Partial<Totals> = {}
  durationMs = 11
  host: Host = {
    hostname: 'edge-07',
    kernelRelease: '6.18.4',
    bootId: null,
    uid: 1000,
    capabilities: [],
  }
  checks: PermissionCheck[] = []
  /** While set, `machine.capabilities` fails with it. */
  checksRefusal: Problem | null = null
  /** While set, `findings.changes` fails with it. */
  findingsRefusal: Problem | null = null
  /** What `machine.port` answers; null: it fails. */
  portUse: PortUse | 'nothing yet' | null = null
  readonly lab = new LabDouble()
  readonly memory = new MemoryDouble()
  /** By the id of the finding. */
  readonly steps = new Map<string, FindingSteps>()
  readonly snapshots = new StoredSnapshots()
  #findings: FindingRow[] = []
  #findingsRevision = 0

  /** Adds or replaces rows, as one refresh. */
  put(...rows: GroupRow[]): void {
    this.#refresh++
    for (const row of rows) this.#rows.set(row.id, { row, changedIn: this.#refresh })
    this.#taken()
  }

  /** Replaces the findings. */
  find(...findings: FindingRow[]): void {
    this.#findings = findings
    this.#findingsRevision++
    this.#taken()
  }

  /** Removes rows, as one refresh. */
  remove(...ids: string[]): void {
    this.#refresh++
    for (const id of ids) {
      this.#rows.delete(id)
      this.#gone.push({ id, goneIn: this.#refresh })
    }
    this.#taken()
  }

  /** Answers nothing until `answerAgain`. */
  stopAnswering(): void {
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve
    })
  }

  resume(): void {
    this.#openGate()
  }

  /** Requests that wait for the next refresh. */
  get waiting(): number {
    return this.#wake.length
  }

  rows(): GroupRow[] {
    return [...this.#rows.values()].map(({ row }) => row)
  }

  #taken(): void {
    this.#takenAt = new Date()
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }

  #sampling(): SamplerStatus {
    return {
      refresh: this.#refresh,
      takenAt: this.#refresh === 0 ? null : this.#takenAt.toISOString(),
      durationMs: this.durationMs,
      intervalMs: this.settings.intervalMs,
      requestedIntervalMs: this.settings.intervalMs,
      paused: this.paused,
      problem: this.problem,
    }
  }

  #totals(): Totals {
    let sockets = 0
    let ownersHidden = 0
    let plain = 0
    for (const { row } of this.#rows.values()) {
      sockets += row.receiving + row.bound + row.connected
      ownersHidden += row.ownersHidden
      if (row.sharing === 'none') plain++
    }
    return {
      sockets,
      groups: this.#rows.size - plain,
      unshared: plain,
      ownersHidden,
      processesRefused: 0,
      ...this.totals,
    }
  }

  async #changes(after: string | undefined, all: boolean, signal: AbortSignal | undefined): Promise<GroupsChange> {
    await this.#gate
    if (this.refusal) throw new ORPCError(this.refusal.code, { defined: true, data: this.refusal.problem })
    const [seen = '0', offset = '0'] = (after ?? '').split(':')
    const since = after === undefined ? 0 : Number(seen)
    while (offset === '0' && after !== undefined && since >= this.#refresh) {
      await this.#nextRefresh(signal)
    }
    // Refreshes may happen between pages: the cursor keeps the refresh of the first page until the last one.
    const changed = [...this.#rows.values()].filter(
      ({ row, changedIn }) => (all || row.sharing !== 'none') && changedIn > since,
    )
    const from = Number(offset)
    const rows = changed.slice(from, from + PAGE_ROWS).map(({ row }) => row)
    const more = from + PAGE_ROWS < changed.length
    return {
      cursor: more ? `${since}:${from + PAGE_ROWS}` : `${this.#refresh}:0`,
      reset: after === undefined,
      more,
      rows,
      removed: more ? [] : this.#gone.filter(({ goneIn }) => goneIn > since).map(({ id }) => id),
      totals: this.#totals(),
      namespaces: this.namespaces,
      sampler: this.#sampling(),
    }
  }

  async #findingsChanges(after: string | undefined, signal: AbortSignal | undefined): Promise<FindingsChange> {
    await this.#gate
    while (after === String(this.#findingsRevision) && this.findingsRefusal === null) {
      await this.#nextRefresh(signal)
    }
    if (this.findingsRefusal) {
      throw new ORPCError('SERVICE_UNAVAILABLE', { defined: true, data: this.findingsRefusal })
    }
    return {
      cursor: String(this.#findingsRevision),
      reset: true,
      more: false,
      removed: [],
      rows: this.#findings,
      sampler: this.#sampling(),
    }
  }

  async #nextRefresh(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#wake = this.#wake.filter((wake) => wake !== done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      this.#wake.push(done)
      signal?.addEventListener('abort', done)
    })
    signal?.throwIfAborted()
    await this.#gate
  }

  get router() {
    const os = implement(contract)
    const analysis = noAnalysis(() => this.#sampling())
    return os.router({
      snapshot: os.snapshot.handler(({ errors }) => {
        throw errors.NOT_IMPLEMENTED({ data: { operation: 'a snapshot', cause: 'this is a double', hint: null } })
      }),
      groups: {
        changes: os.groups.changes.handler(({ input, signal }) => this.#changes(input.after, input.all, signal)),
      },
      snapshots: this.snapshots.router,
      lab: this.lab.router,
      ...this.memory.handlers(
        () => this.#sampling(),
        () => this.#gate,
      ),
      steering: analysis.steering,
      findings: {
        steps: os.findings.steps.handler(({ input, errors }) => {
          const steps = this.steps.get(input.id)
          if (steps !== undefined) return steps
          throw errors.NOT_FOUND({ data: { operation: input.id, cause: 'the finding is not raised', hint: null } })
        }),
        changes: os.findings.changes.handler(({ input, signal }) => this.#findingsChanges(input.after, signal)),
      },
      group: {
        balance: analysis.balance,
        whatIf: analysis.whatIf,
        waiting: analysis.waiting,
        flows: analysis.flows,
        changes: os.group.changes.handler(({ input, errors }) => {
          throw errors.NOT_FOUND({ data: { operation: `group ${input.id}`, cause: 'it was never seen', hint: null } })
        }),
      },
      processes: { details: os.processes.details.handler(() => []) },
      machine: {
        counters: os.machine.counters.handler(() => []),
        port: os.machine.port.handler(async ({ errors }) => {
          if (this.portUse === 'nothing yet') return await new Promise<never>(() => {})
          if (this.portUse !== null) return this.portUse
          throw errors.SERVICE_UNAVAILABLE({
            data: {
              operation: 'finding who uses port 80',
              cause: 'the kernel answered "Operation not permitted" (EPERM)',
              hint: 'Run the inspector as root to see this.',
            },
          })
        }),
        about: os.machine.about.handler(async () => {
          await this.#gate
          return {
            host: this.host,
            namespaces: this.namespaces,
            engine: '0.1.0',
            startedAt: new Date(0).toISOString(),
          }
        }),
        capabilities: os.machine.capabilities.handler(() => {
          if (this.checksRefusal)
            throw new ORPCError('SERVICE_UNAVAILABLE', { defined: true, data: this.checksRefusal })
          return { host: this.host, checks: this.checks }
        }),
      },
      sampling: {
        pause: os.sampling.pause.handler(({ input }) => {
          this.paused = input.paused
          return this.#sampling()
        }),
        refresh: os.sampling.refresh.handler(() => {
          this.put()
          return this.#sampling()
        }),
      },
      settings: {
        get: os.settings.get.handler(async () => {
          await this.#gate
          await this.settingsArrive
          return this.settings
        }),
        set: os.settings.set.handler(({ input, errors }) => {
          const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
          this.settings = Settings.parse({ ...this.settings, ...given })
          if (this.diskFull) {
            throw errors.SERVICE_UNAVAILABLE({
              data: {
                operation: 'to store the settings',
                cause: 'the disk is full (ENOSPC)',
                hint: 'Free some space, then change any setting again.',
              },
            })
          }
          return this.settings
        }),
      },
    })
  }
}
