/**
 * The share of flows that maps to another member when a group changes its size. A flow's hash is uniform over [0,
 * 2^32), and `reciprocal_scale(hash, n)` cuts that range into n equal arcs, one per place in the group's array
 * (reuseport_select_sock_by_hash() in net/core/sock_reuseport.c). A new member is appended (reuseport_add_sock()); when
 * a member is removed, the last one moves into its place (__reuseport_detach_sock()).
 */
import type { MovedFlows } from '../../contract/analysis.ts'

/** A group's array; members are named by their original index. */
export type Places = readonly number[]

/** The array after removing members one by one; each entry of `leaving` is an index at the time of that removal. */
export function removeMembers(places: Places, leaving: readonly number[]): number[] {
  const remaining = [...places]
  for (const place of leaving) {
    const last = remaining.pop()
    if (last !== undefined && place < remaining.length) remaining[place] = last
  }
  return remaining
}

/** The share of flows that map elsewhere, given the arrays before and after. */
export function movedBetween(before: Places, after: Places): MovedFlows {
  let stay = 0
  // Walks both arrays at once: arcs overlap in at most before + after pieces.
  for (let old = 0, now = 0; old < before.length && now < after.length; ) {
    const begin = Math.max(old / before.length, now / after.length)
    const oldEnd = (old + 1) / before.length
    const nowEnd = (now + 1) / after.length
    if (before[old] === after[now]) stay += Math.max(0, Math.min(oldEnd, nowEnd) - begin)
    if (oldEnd <= nowEnd) old++
    if (nowEnd <= oldEnd) now++
  }
  const survivors = new Set(after)
  const gone = before.reduce((count, member) => count + (survivors.has(member) ? 0 : 1), 0)
  return {
    moved: clamp(before.length === 0 ? 0 : 1 - stay),
    unavoidable: before.length === 0 ? 0 : gone / before.length,
  }
}

/** The newest members are added or removed: the others keep their places. */
export function movedByNewest(from: number, to: number): MovedFlows {
  return movedBetween(range(from), range(to))
}

/** The oldest members are removed first, in the order in which they joined. */
export function movedByOldest(from: number, to: number): MovedFlows {
  const before = range(from)
  // The place of each member, so that finding the next one to remove takes constant time.
  const places = [...before]
  const placeOf = [...before]
  for (let member = 0; member < from - to; member++) {
    const place = placeOf[member] ?? 0
    const last = places.pop()
    if (last === undefined || last === member) continue
    places[place] = last
    placeOf[last] = place
  }
  return movedBetween(before, places)
}

/**
 * The average over all choices and orders of removed members. A place keeps its member with probability to/from; by
 * symmetry, a member from beyond the new end survives and lands in a given place with probability 1/from. So the flows
 * that stay are the overlap of equal places times to/from, plus the arcs beyond the new end, each of which maps to its
 * own member again with probability 1/from.
 */
export function movedOnAverage(from: number, to: number): MovedFlows {
  if (to >= from) return movedByNewest(from, to)
  if (to === 0) return { moved: 1, unavoidable: 1 }
  let overlap = 0
  for (let place = 0; place < to; place++) {
    overlap += Math.max(0, Math.min((place + 1) / to, (place + 1) / from) - place / to)
  }
  const stay = (to / from) * overlap + (from - to) / (from * from)
  return { moved: clamp(1 - stay), unavoidable: (from - to) / from }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** Removes rounding errors. */
function clamp(share: number): number {
  return share < 1e-12 ? 0 : Math.min(1, share)
}
