/** An engine with one group that the test changes by hand, for sizes and moments that real sockets cannot produce. */
import { implement } from '@orpc/server'
import type { Balance, FindingRow, PacketPath } from '../../electron/contract/analysis.ts'
import { receives } from '../../electron/contract/constants.ts'
import { contract } from '../../electron/contract/contract.ts'
import { emptyColumns, pushGiven } from '../../electron/contract/given.ts'
import { memberId } from '../../electron/contract/ids.ts'
import type {
  GroupChange,
  GroupRow,
  MemberRow,
  MemberValues,
  Process,
  SamplerStatus,
} from '../../electron/contract/live.ts'
import type { Holder } from '../../electron/contract/model.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { MemoryDouble } from './memory.ts'
import { NO_FLOWS, noAnalysis } from './no-analysis.ts'
import { noLab } from './no-lab.ts'
import { aMember, takenAt } from './snapshots.ts'
import { StoredSnapshots } from './stored-snapshots.ts'

/** A healthy member; `with` overrides. */
export function memberRow(cookie: string, changes: Partial<MemberRow> = {}): MemberRow {
  return {
    ...aMember({ cookie, inode: 1000 + Number(cookie), holders: null, pollers: null }),
    dropsPerSecond: 0,
    firstSeenAt: takenAt,
    remote: null,
    reuseport: true,
    reuseaddr: false,
    ...changes,
  }
}

export function holder(pid: number, command: string, startedAt: string | null = '2026-01-01T00:00:00.000Z'): Holder {
  return { pid, fds: [6], command, startedAt }
}

/** A group's row as the engine would sum its members up. */
export function groupRow(members: readonly MemberRow[], changes: Partial<GroupRow> = {}): GroupRow {
  const receiving = members.filter(({ state }) => receives(state))
  const pids = new Map(members.flatMap(({ holders }) => holders ?? []).map((one) => [one.pid, one]))
  const commands = new Map<string, number>()
  for (const { command } of pids.values()) commands.set(command, (commands.get(command) ?? 0) + 1)
  const fullest = receiving.reduce<MemberRow | null>(
    (best, member) => ((member.queue.length ?? 0) > (best?.queue.length ?? -1) ? member : best),
    null,
  )
  const unit = members[0]?.queue.unit ?? 'connections'
  const sum = (of: (member: MemberRow) => number | null) => receiving.reduce((total, one) => total + (of(one) ?? 0), 0)
  return {
    id: '00000000000000aa',
    netns: 1,
    protocol: unit === 'bytes' ? 'udp' : 'tcp',
    family: 'ipv4',
    v6only: null,
    address: '0.0.0.0',
    port: 443,
    interface: null,
    uid: 0,
    user: 'root',
    sharing: 'reuseport',
    evidence: 'socket-option',
    receiving: receiving.length,
    bound: 0,
    connected: 0,
    holders: pids.size,
    owners: [...commands].map(([command, processes]) => ({ command, processes, service: null })),
    pids: [...pids.keys()].sort((a, b) => a - b),
    ownersHidden: 0,
    queue: { length: sum(({ queue }) => queue.length), limit: sum(({ queue }) => queue.limit), unit },
    fullest: fullest && { cookie: fullest.cookie, length: fullest.queue.length ?? 0, limit: fullest.queue.limit },
    imbalance: null,
    queueUtilization: [],
    drops: sum(({ drops }) => drops),
    dropsPerSecond: sum(({ dropsPerSecond }) => dropsPerSecond),
    firstSeenAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
}

const NO_VALUES: MemberValues = { members: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] }
const NO_ANALYSIS = { data: { operation: 'an analysis', cause: 'this is a double', hint: null } }
const MEMBERS_AT_ONCE = 250
const VALUES_AT_ONCE = 2000

export class GroupEngine {
  #members: MemberRow[]
  /** What its row has in place of what its members sum up to. */
  changes: Partial<GroupRow>
  #refresh = 1
  #takenAt = Date.now()
  #gone = false
  /** Its row at a refresh: a large group is sent in many pages. */
  #summed: { refresh: number; row: GroupRow } | null = null
  /** What each refresh did; nothing is discarded, because tests are short. */
  readonly #log: { joined: Set<string>; left: string[]; moved: Set<string> }[] = []
  readonly #waiters = new Set<() => void>()
  #waited: (() => void)[] = []
  #held: Promise<void> | null = null
  #release: () => void = () => {}
  failing: string | null = null
  others: GroupRow[] = []
  processes: Process[] = []
  /** null: not offered. */
  balance: Balance | null = null
  path: PacketPath | null = null
  flows = NO_FLOWS
  /** What the kernel itself holds; null: never sent. */
  kernel: NonNullable<GroupChange['kernel']> | null = null
  /** Since when is counted; null: never sent. */
  counting: NonNullable<GroupChange['counting']> | null = null
  /** Those that a page finds when it connects. */
  findings: FindingRow[] = []
  readonly snapshots = new StoredSnapshots()
  readonly memory = new MemoryDouble()

  constructor(members: MemberRow[], changes: Partial<GroupRow> = {}) {
    this.#members = members
    this.changes = changes
  }

  get id(): string {
    return this.#summary().id
  }

  row(): GroupRow {
    return groupRow(this.#members, this.changes)
  }

  member(cookie: string): MemberRow {
    const member = this.#members.find((one) => one.cookie === cookie)
    if (!member) throw new Error(`no member ${cookie}`)
    return member
  }

  /** One refresh: members that joined, members that left, and the cookies of those changed in place. */
  refresh(change: { joined?: MemberRow[]; left?: string[]; moved?: string[] } = {}, at = Date.now()): void {
    const left = change.left ?? []
    this.#members = [...this.#members.filter((member) => !left.includes(memberId(member))), ...(change.joined ?? [])]
    this.#log[this.#refresh] = {
      joined: new Set((change.joined ?? []).map(memberId)),
      left,
      moved: new Set(change.moved ?? []),
    }
    this.#refresh++
    this.#takenAt = at
    for (const wake of this.#waiters) wake()
    this.#waiters.clear()
  }

  end(): void {
    this.#gone = true
    this.refresh()
  }

  /** Resolves when `readers` streams wait for the next refresh: each has read everything. */
  async caughtUp(readers: number): Promise<void> {
    while (this.#waiters.size < readers) await new Promise<void>((resolve) => this.#waited.push(resolve))
  }

  /** From now on every request waits, until `false`. */
  hold(held: boolean): void {
    if (held) this.#held = new Promise((resolve) => (this.#release = resolve))
    else {
      this.#held = null
      this.#release()
    }
  }

  readonly router = this.#route()

  #sampling(): SamplerStatus {
    return {
      refresh: this.#refresh,
      takenAt: new Date(this.#takenAt).toISOString(),
      durationMs: 3,
      intervalMs: 1000,
      requestedIntervalMs: 1000,
      paused: false,
      problem: null,
    }
  }

  async #newer(after: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    await this.#held
    if (after === undefined || after.includes('/') || Number(after) < this.#refresh) return
    await new Promise<void>((resolve, reject) => {
      this.#waiters.add(resolve)
      for (const look of this.#waited.splice(0)) look()
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  }

  #summary(): GroupRow {
    if (this.#summed?.refresh !== this.#refresh) this.#summed = { refresh: this.#refresh, row: this.row() }
    return this.#summed.row
  }

  #groupChange(after: string | undefined): GroupChange {
    if (this.#gone) {
      return {
        cursor: String(this.#refresh),
        reset: after === undefined,
        more: false,
        row: null,
        left: [],
        joined: [],
        values: NO_VALUES,
        sampler: this.#sampling(),
      }
    }
    const [since = '', place = '0'] = (after ?? '').split('/')
    const from = Number(place)
    const page = (
      joined: MemberRow[],
      values: MemberValues,
      left: string[],
      next: number,
      total: number,
    ): GroupChange => ({
      cursor: next < total ? `${since}/${next}` : String(this.#refresh),
      reset: after === undefined,
      more: next < total,
      row: this.#summary(),
      left,
      joined,
      values,
      ...(this.kernel && { kernel: this.kernel }),
      ...(this.counting && { counting: this.counting }),
      sampler: this.#sampling(),
    })
    if (since === '') {
      const slice = this.#members.slice(from, from + MEMBERS_AT_ONCE)
      return page(slice, NO_VALUES, [], from + slice.length, this.#members.length)
    }
    const log = this.#log.slice(Number(since))
    const joined = this.#members.filter((member) => log.some((one) => one.joined.has(memberId(member))))
    const moved = this.#members.filter((member) => log.some((one) => one.moved.has(memberId(member))))
    const slice = moved.slice(from, from + VALUES_AT_ONCE)
    const values: MemberValues = {
      members: slice.map(memberId),
      lengths: slice.map(({ queue }) => queue.length ?? -1),
      limits: slice.map(({ queue }) => queue.limit ?? -1),
      drops: slice.map(({ drops }) => drops ?? -1),
      dropsPerSecond: slice.map(({ dropsPerSecond }) => dropsPerSecond ?? -1),
    }
    if (slice.some(({ given }) => given !== undefined)) {
      values.given = emptyColumns()
      for (const { given } of slice) pushGiven(values.given, given)
    }
    const left = from === 0 ? log.flatMap((one) => one.left) : []
    return page(from === 0 ? joined : [], values, left, from + slice.length, moved.length)
  }

  #route() {
    const os = implement(contract)
    const host = { hostname: 'edge-07', kernelRelease: '6.18.4', bootId: null, uid: 0, capabilities: [] }
    const namespaces = [{ inode: 1, name: 'host', self: true }]
    let settings = Settings.parse({})
    const analysis = noAnalysis(
      () => this.#sampling(),
      () => this.findings,
    )
    return os.router({
      snapshots: this.snapshots.router,
      lab: noLab(),
      ...this.memory.handlers(() => this.#sampling()),
      snapshot: os.snapshot.handler(({ errors }) => {
        throw errors.NOT_IMPLEMENTED({ data: { operation: 'a snapshot', cause: 'this is a test double', hint: null } })
      }),
      groups: {
        changes: os.groups.changes.handler(async ({ input, signal }) => {
          await this.#newer(input.after, signal)
          const rows = [...(this.#gone ? [] : [this.#summary()]), ...this.others].filter(
            ({ sharing }) => input.all || sharing !== 'none',
          )
          return {
            cursor: String(this.#refresh),
            reset: input.after === undefined,
            more: false,
            rows,
            removed: this.#gone ? [this.id] : [],
            totals: {
              sockets: this.#members.length,
              groups: rows.length,
              unshared: 0,
              ownersHidden: 0,
              processesRefused: 0,
            },
            namespaces,
            sampler: this.#sampling(),
          }
        }),
      },
      steering: {
        ...analysis.steering,
        path: os.steering.path.handler(({ errors }) => {
          if (this.path === null) throw errors.NOT_IMPLEMENTED(NO_ANALYSIS)
          return this.path
        }),
      },
      findings: analysis.findings,
      group: {
        balance: os.group.balance.handler(({ errors }) => {
          if (this.balance === null) throw errors.NOT_IMPLEMENTED(NO_ANALYSIS)
          return this.balance
        }),
        waiting: os.group.waiting.handler(() => null),
        flows: os.group.flows.handler(() => this.flows),
        whatIf: analysis.whatIf,
        changes: os.group.changes.handler(async ({ input, signal, errors }) => {
          await this.#newer(input.after, signal)
          if (this.failing !== null) {
            const data = { operation: 'the members', cause: this.failing, hint: null }
            throw errors.SERVICE_UNAVAILABLE({ message: this.failing, data })
          }
          if (input.id !== this.id) {
            const data = { operation: `group ${input.id}`, cause: 'no group has this id', hint: null }
            throw errors.NOT_FOUND({ message: 'no group has this id', data })
          }
          return this.#groupChange(input.after)
        }),
      },
      processes: {
        details: os.processes.details.handler(({ input }) =>
          this.processes.filter(({ pid }) => input.pids.includes(pid)),
        ),
      },
      machine: {
        counters: os.machine.counters.handler(() => []),
        port: analysis.port,
        about: os.machine.about.handler(() => ({
          host,
          namespaces,
          engine: 'double',
          startedAt: new Date().toISOString(),
        })),
        capabilities: os.machine.capabilities.handler(() => ({ host, checks: [] })),
      },
      sampling: {
        pause: os.sampling.pause.handler(() => this.#sampling()),
        refresh: os.sampling.refresh.handler(() => this.#sampling()),
      },
      settings: {
        get: os.settings.get.handler(() => settings),
        set: os.settings.set.handler(({ input }) => {
          const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
          settings = Settings.parse({ ...settings, ...given })
          return settings
        }),
      },
    })
  }
}
