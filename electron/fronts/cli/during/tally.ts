/** What happened to the groups while a command ran. Pure: snapshots in, a report out. */
import { receives } from '../../../contract/constants.ts'
import { memberId } from '../../../contract/ids.ts'
import type { Group, GroupKey, Member, Snapshot } from '../../../contract/model.ts'
import { isFull } from '../../../contract/utilization.ts'
import { keyOf } from '../../../engine/snapshots/index.ts'

/** What happened to one group. */
export type GroupTally = {
  readonly key: GroupKey
  /** Members that receive, before the command and at the end. */
  readonly members: { readonly before: number; readonly after: number }
  readonly joined: number
  readonly left: number
  /** Processes that hold members: those of the end that are new, and those of the beginning that are gone. */
  readonly processes: { readonly before: number; readonly after: number; readonly new: number; readonly gone: number }
  /** Connections in the queues of members that left, when they were last seen: at least. null for UDP. */
  readonly waiting: number | null
  /** Drops of all members; null where they are unknown for any. */
  readonly dropped: number | null
  /** The longest time for which one member's queue was full in each reading, in milliseconds. */
  readonly longestFullMs: number
}

type Watched = {
  key: GroupKey
  shared: boolean
  before: number
  members: ReadonlyMap<string, Member>
  processesBefore: ReadonlySet<number>
  joined: number
  left: number
  waiting: number
  dropped: number | null
  fullSince: ReadonlyMap<string, number>
  longestFullMs: number
}

export class Tally {
  readonly #groups = new Map<string, Watched>()
  readonly #unshared: boolean
  #first = true
  #startedAt = 0
  /**
   * When something last happened: a member joined or left, dropped, or had a full queue that was not full all the time
   * since before the command. null: nothing did.
   */
  lastEventAt: number | null = null

  /** `unshared`: also groups that were never shared. */
  constructor(unshared: boolean) {
    this.#unshared = unshared
  }

  /** Takes a snapshot with all groups, read at this time in milliseconds. The first is that before the command. */
  take(snapshot: Pick<Snapshot, 'groups'>, now: number): void {
    if (this.#first) this.#startedAt = now
    const seen = new Set<string>()
    for (const group of snapshot.groups) {
      seen.add(group.id)
      this.#takeGroup(group, now)
    }
    for (const [id, watched] of this.#groups) {
      if (!seen.has(id)) this.#takeMembers(watched, new Map(), now)
    }
    this.#first = false
  }

  /** The groups to which something happened, or that had a full queue, in the order of their ports. */
  result(): GroupTally[] {
    return [...this.#groups.values()]
      .filter((watched) => this.#counts(watched))
      .map(tallyOf)
      .filter(({ joined, left, dropped, longestFullMs, processes }) => {
        return joined > 0 || left > 0 || dropped !== 0 || longestFullMs > 0 || processes.new > 0 || processes.gone > 0
      })
      .sort((a, b) => a.key.port - b.key.port || (a.key.id < b.key.id ? -1 : 1))
  }

  /** How many groups were watched. */
  get watched(): number {
    return [...this.#groups.values()].filter((watched) => this.#counts(watched)).length
  }

  #counts({ shared }: Watched): boolean {
    return shared || this.#unshared
  }

  #takeGroup(group: Group, now: number): void {
    const members = new Map(
      group.members.filter(({ state }) => receives(state)).map((member) => [memberId(member), member]),
    )
    const known = this.#groups.get(group.id)
    if (known !== undefined) {
      known.key = keyOf(group)
      known.shared ||= group.sharing !== 'none'
      this.#takeMembers(known, members, now)
      return
    }
    const watched: Watched = {
      key: keyOf(group),
      shared: group.sharing !== 'none',
      before: this.#first ? members.size : 0,
      members: this.#first ? members : new Map(),
      processesBefore: this.#first ? pidsOf(members) : new Set(),
      joined: 0,
      left: 0,
      waiting: 0,
      dropped: 0,
      fullSince: new Map(),
      longestFullMs: 0,
    }
    this.#groups.set(group.id, watched)
    this.#takeMembers(watched, members, now)
  }

  #takeMembers(watched: Watched, members: ReadonlyMap<string, Member>, now: number): void {
    let happened = false
    for (const [id, before] of watched.members) {
      if (members.has(id)) continue
      watched.left++
      watched.waiting += before.queue.length ?? 0
      happened = true
    }
    const fullSince = new Map<string, number>()
    for (const [id, member] of members) {
      const before = watched.members.get(id)
      if (before === undefined) {
        watched.joined++
        happened = true
      }
      // A new member counts from zero.
      const dropped = member.drops === null ? null : before === undefined ? member.drops : dropsSince(before, member)
      watched.dropped = watched.dropped === null || dropped === null ? null : watched.dropped + dropped
      if (isFull(member.queue, (dropped ?? 0) > 0)) {
        const since = watched.fullSince.get(id) ?? now
        fullSince.set(id, since)
        watched.longestFullMs = Math.max(watched.longestFullMs, now - since)
        happened ||= since > this.#startedAt
      }
      happened ||= (dropped ?? 0) > 0
    }
    watched.members = members
    watched.fullSince = fullSince
    if (happened && !this.#first && this.#counts(watched)) this.lastEventAt = now
  }
}

function dropsSince(before: Member, now: Member): number | null {
  return before.drops === null || now.drops === null ? null : Math.max(0, now.drops - before.drops)
}

function pidsOf(members: ReadonlyMap<string, Member>): Set<number> {
  return new Set([...members.values()].flatMap(({ holders }) => holders ?? []).map(({ pid }) => pid))
}

function tallyOf(watched: Watched): GroupTally {
  const { key, before, members, processesBefore, joined, left, waiting, dropped, longestFullMs } = watched
  const after = pidsOf(members)
  return {
    key,
    members: { before, after: members.size },
    joined,
    left,
    processes: {
      before: processesBefore.size,
      after: after.size,
      new: [...after].filter((pid) => !processesBefore.has(pid)).length,
      gone: [...processesBefore].filter((pid) => !after.has(pid)).length,
    },
    waiting: key.protocol === 'tcp' ? waiting : null,
    dropped,
    longestFullMs: Math.round(longestFullMs),
  }
}
