/**
 * Drops of a group as a counter that only grows: the sum over its members goes down when one leaves and takes its count
 * along, and whoever computes a rate from that reads a loss that was none.
 */
import { receives } from '../../contract/meaning.ts'
import type { Group } from '../../contract/model.ts'
import { memberId } from '../../contract/model.ts'

type Counted = { total: number; members: Map<string, number> }

/** The kernel counts in 32 bits (sk_drops, net/core/sock.c): less than before means that it went round. */
const ROUND = 2 ** 32

export class DropsCounter {
  #before = new Map<string, Counted>()
  #now = new Map<string, Counted>()

  /** Starts a picture. */
  begin(): void {
    this.#now = new Map()
  }

  /** What the group lost since it was first counted, and what its first members had lost by then; null where it is not known. */
  count(group: Group): number | null {
    if (group.drops === null) return null
    const before = this.#before.get(group.id)
    const counted: Counted = { total: before?.total ?? 0, members: new Map() }
    for (const member of group.members) {
      const { drops, state } = member
      if (drops === null || !receives(state)) continue
      const more = drops - (before?.members.get(memberId(member)) ?? 0)
      counted.total += more < 0 ? more + ROUND : more
      counted.members.set(memberId(member), drops)
    }
    this.#now.set(group.id, counted)
    return counted.total
  }

  /** Ends it: a group that was not in it is forgotten. */
  end(): void {
    this.#before = this.#now
  }
}
