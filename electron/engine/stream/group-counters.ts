/**
 * What happened to each group since counting began, in numbers that only grow: members that joined, members that left,
 * what was lost and what was given, also of members that have left. A sum over the present members falls when one leaves, and its rate
 * shows a loss that never was.
 */
import type { GroupCounts } from '../snapshots/index.ts'

/** The kernel counts drops in 32 bits (sk_drops, net/core/sock.c): less than before means that it wrapped. */
const ROUND = 2 ** 32
/** A member whose drops are not known yet. */
const NEVER = -1

/** A member that receives. */
export type CountedMember = {
  readonly number: number
  /** Its losses since it was created; null where unknown. */
  readonly drops: number | null
  /** What it was given, as counted (contract/given.ts); undefined where it is not. */
  readonly given?: number | undefined
  /** It existed before counting began: where it is new to the group, it did not join. */
  readonly existedBefore: boolean
}

type Last = { readonly drops: number; readonly given: number | undefined }
type Counted = {
  members: Map<number, Last>
  joined: number
  left: number
  drops: number
  /** Drops are known. */
  known: boolean
  /** null before anything was counted. */
  given: number | null
}

export class GroupCounters {
  readonly #groups = new Map<string, Counted>()

  has(id: string): boolean {
    return this.#groups.has(id)
  }

  /** null for a group that was never recorded. */
  of(id: string): GroupCounts | null {
    const counted = this.#groups.get(id)
    if (counted === undefined) return null
    const { members, joined, left, drops, known, given } = counted
    return { members: members.size, joined, left, drops: known ? drops : null, given }
  }

  /** Records the present state of a group. For a member that left, its losses since the last record are unknown. */
  record(id: string, members: Iterable<CountedMember>): void {
    const counted = this.#groups.get(id) ?? newlyCounted()
    this.#groups.set(id, counted)
    const before = counted.members
    counted.members = new Map()
    counted.known = true
    let stayed = 0
    for (const { number, drops, given, existedBefore: wasThere } of members) {
      const last = before.get(number)
      if (last !== undefined) stayed++
      else if (!wasThere) counted.joined++
      if (drops === null) counted.known = false
      else counted.drops += grownBy(drops, last?.drops)
      // Less than before: counting began anew.
      if (given !== undefined) counted.given = (counted.given ?? 0) + given - startOf(given, last?.given)
      counted.members.set(number, { drops: drops ?? last?.drops ?? NEVER, given: given ?? last?.given })
    }
    counted.left += before.size - stayed
  }

  /** The group was removed with its members: the counts stay. */
  markRemoved(id: string): void {
    const counted = this.#groups.get(id)
    if (counted === undefined) return
    counted.left += counted.members.size
    counted.members.clear()
  }

  forget(id: string): void {
    this.#groups.delete(id)
  }
}

function newlyCounted(): Counted {
  return { members: new Map(), joined: 0, left: 0, drops: 0, known: false, given: null }
}

/** Where to count from: 0 for a member that is new, or whose count began anew. */
function startOf(given: number, last: number | undefined): number {
  return last === undefined || given < last ? 0 : last
}

function grownBy(drops: number, last: number | undefined): number {
  const more = drops - (last === undefined || last === NEVER ? 0 : last)
  return more < 0 ? more + ROUND : more
}
