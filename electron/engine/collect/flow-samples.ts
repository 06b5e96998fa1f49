/**
 * Which clients went to the members of the groups that somebody looks at (contract/flows.ts), sampled by the BPF reader.
 * Addresses of clients are kept in memory only, and only while they are asked for.
 */
import type { RecentFlow, RecentFlows } from '../../contract/flows.ts'
import type { Readings, StartBpfProgram } from './bpf-reader.ts'
import { DemandedReader } from './demanded-reader.ts'

/** How long sampling goes on after it was last asked for, at least. */
const LEASE_MS = 10_000
/** Clients that are kept of each group; the contract says how many. */
const MAX_FLOWS = 100
/** Groups of which clients are kept: those that were asked for last. */
const MAX_GROUPS = 32

/** Keyed by client and member. The one that was sampled last is last. */
type GroupFlows = { cookies: ReadonlySet<string>; readonly flows: Map<string, RecentFlow> }

export class FlowSamples extends DemandedReader<'flows'> {
  #since: Date | null = null
  /** By cookie, of every member of this machine that was given something. */
  readonly #counts = new Map<string, readonly [given: number, sampled: number]>()
  /** By id, those that were asked for last at the end. */
  readonly #groups = new Map<string, GroupFlows>()

  /** `start`: the BPF reader; null: nothing is sampled. */
  constructor(start: StartBpfProgram | null) {
    super(start, 'flows', 'not sampled by this engine')
  }

  /**
   * The latest clients of the group with this id and these receiving members, from the first call on; sampling goes on
   * for ten seconds, and for `forMs`. null where nothing can be sampled: `unavailable` says why. Never rejects.
   */
  async of(id: string, cookies: readonly string[], forMs = 0): Promise<RecentFlows | null> {
    this.extend(Math.max(forMs, LEASE_MS))
    const group = this.#groups.get(id) ?? { cookies: new Set(), flows: new Map() }
    group.cookies = new Set(cookies)
    this.#groups.delete(id)
    this.#groups.set(id, group)
    for (const oldest of this.#groups.keys()) if (this.#groups.size > MAX_GROUPS) this.#groups.delete(oldest)
    await this.read()
    if (this.#since === null) return null
    let given = 0
    let sampled = 0
    for (const cookie of cookies) {
      const [givenToMember, sampledOfMember] = this.#counts.get(cookie) ?? [0, 0]
      given += givenToMember
      sampled += sampledOfMember
    }
    return { since: this.#since.toISOString(), given, sampled, flows: [...group.flows.values()].reverse() }
  }

  /**
   * Takes what was sampled, and starts to sample where that was not started. 'now': also where that exceeds the reader's
   * share of time. Never rejects.
   */
  async read(when: 'now' | 'due' = 'due'): Promise<void> {
    this.extend(LEASE_MS)
    await this.takeReading(when)
  }

  protected take({ since, flows, members }: Readings['flows']): void {
    this.#since ??= new Date(since)
    for (const [cookie, address, port, at] of flows) {
      for (const { cookies, flows } of this.#groups.values()) {
        if (cookies.has(cookie)) addFlow(flows, { at: new Date(at).toISOString(), address, port, cookie, sampled: 1 })
      }
    }
    for (const [cookie, given, sampled] of members) {
      if (given === 0) this.#counts.delete(cookie)
      else this.#counts.set(cookie, [given, sampled])
    }
  }

  protected forget(): void {
    this.#since = null
    this.#counts.clear()
    this.#groups.clear()
  }
}

function addFlow(flows: Map<string, RecentFlow>, flow: RecentFlow): void {
  const key = `${flow.cookie} ${flow.port} ${flow.address}`
  const sampled = (flows.get(key)?.sampled ?? 0) + 1
  flows.delete(key)
  flows.set(key, { ...flow, sampled })
  for (const oldest of flows.keys()) {
    if (flows.size <= MAX_FLOWS) return
    flows.delete(oldest)
  }
}
