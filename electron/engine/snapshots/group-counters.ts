/**
 * What happened to each group since counting began, in numbers that only grow: members that joined, members that left,
 * and what was lost, by those that have left since too. A sum over the members that are there goes down when one leaves,
 * and a rate of that is a loss that never was.
 */

/** The kernel counts drops in 32 bits (sk_drops, net/core/sock.c): less than before means that it went round. */
const ROUND = 2 ** 32
/** A member of which no drops were known yet. */
const NEVER = -1

/** A member that receives. */
export type CountedMember = {
  readonly number: number
  /** What it lost since it was made; null where that is unknown. */
  readonly drops: number | null
  /** It was there before counting began: where it is new to the group, it did not join. */
  readonly wasThere: boolean
}

export type GroupCounts = {
  /** That are there now. */
  readonly members: number
  readonly joined: number
  readonly left: number
  /** null where it is not known of every member. */
  readonly drops: number | null
}

type Counted = { members: Map<number, number>; joined: number; left: number; drops: number; known: boolean }

export class GroupCounters {
  readonly #groups = new Map<string, Counted>()

  has(id: string): boolean {
    return this.#groups.has(id)
  }

  /** null for a group that was never noted. */
  of(id: string): GroupCounts | null {
    const counted = this.#groups.get(id)
    if (counted === undefined) return null
    const { members, joined, left, drops, known } = counted
    return { members: members.size, joined, left, drops: known ? drops : null }
  }

  /** Takes over what a group has now. Of a member that left, what it lost since it was last noted is not known. */
  note(id: string, members: Iterable<CountedMember>): void {
    const counted = this.#groups.get(id) ?? { members: new Map(), joined: 0, left: 0, drops: 0, known: false }
    this.#groups.set(id, counted)
    const before = counted.members
    counted.members = new Map()
    counted.known = true
    let stayed = 0
    for (const { number, drops, wasThere } of members) {
      const last = before.get(number)
      if (last !== undefined) stayed++
      else if (!wasThere) counted.joined++
      if (drops === null) counted.known = false
      else counted.drops += grownBy(drops, last)
      counted.members.set(number, drops ?? last ?? NEVER)
    }
    counted.left += before.size - stayed
  }

  /** The group is gone, and its members with it: what was counted stays. */
  gone(id: string): void {
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
