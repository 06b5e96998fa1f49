/**
 * What happened to each group since counting began, in numbers that only grow: members that joined, members that left,
 * and what was lost, also by members that have left. A sum over the present members falls when one leaves, and its rate
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
  /** It existed before counting began: where it is new to the group, it did not join. */
  readonly existedBefore: boolean
}

type Counted = { members: Map<number, number>; joined: number; left: number; drops: number; known: boolean }

export class GroupCounters {
  readonly #groups = new Map<string, Counted>()

  has(id: string): boolean {
    return this.#groups.has(id)
  }

  /** null for a group that was never recorded. */
  of(id: string): GroupCounts | null {
    const counted = this.#groups.get(id)
    if (counted === undefined) return null
    const { members, joined, left, drops, known } = counted
    return { members: members.size, joined, left, drops: known ? drops : null }
  }

  /** Records the present state of a group. For a member that left, its losses since the last record are unknown. */
  record(id: string, members: Iterable<CountedMember>): void {
    const counted = this.#groups.get(id) ?? { members: new Map(), joined: 0, left: 0, drops: 0, known: false }
    this.#groups.set(id, counted)
    const before = counted.members
    counted.members = new Map()
    counted.known = true
    let stayed = 0
    for (const { number, drops, existedBefore: wasThere } of members) {
      const last = before.get(number)
      if (last !== undefined) stayed++
      else if (!wasThere) counted.joined++
      if (drops === null) counted.known = false
      else counted.drops += grownBy(drops, last)
      counted.members.set(number, drops ?? last ?? NEVER)
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

function grownBy(drops: number, last: number | undefined): number {
  const more = drops - (last === undefined || last === NEVER ? 0 : last)
  return more < 0 ? more + ROUND : more
}
