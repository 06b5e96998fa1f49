/**
 * What share of flows maps to another member when a group changes its size. A flow's hash is spread evenly over
 * [0, 2^32), and `reciprocal_scale(hash, n)` cuts that range into n equal arcs, one a place in the group's array
 * (reuseport_select_sock_by_hash() in net/core/sock_reuseport.c). A member that joins takes the place behind the last
 * (reuseport_add_sock()); when one leaves, the last one moves into its place (__reuseport_detach_sock()).
 */
import type { Moved } from '../../contract/analysis.ts'

/** The members of an array, by the number each had before. */
export type Places = readonly number[]

/** The array of `places` after the members at `leaving` (places at the time of each leaving) have left one by one. */
export function leave(places: Places, leaving: readonly number[]): number[] {
  const left = [...places]
  for (const place of leaving) {
    const last = left.pop()
    if (last !== undefined && place < left.length) left[place] = last
  }
  return left
}

/** The share of flows that map elsewhere, given who stood where before and after. */
export function movedBetween(before: Places, after: Places): Moved {
  let stay = 0
  // Walks both rings at once: arcs overlap in at most before + after pieces.
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
    ofThoseThatLeft: before.length === 0 ? 0 : gone / before.length,
  }
}

/** Members 0 … to−1 join or the newest leave: the others keep their places. */
export function movedByNewest(from: number, to: number): Moved {
  return movedBetween(range(from), range(to))
}

/** The members of the lowest places leave first, in the order in which they joined. */
export function movedByOldest(from: number, to: number): Moved {
  const before = range(from)
  // Where each member stands, so that finding the next to leave costs nothing.
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
 * The average over all choices and orders of the members that leave. A place keeps its member with probability to/from;
 * a member from behind the new end survives and lands in any given place with probability 1/from, all places being
 * alike. So of a flow's arc, what stays is the overlap at equal places times to/from, and the arcs behind the end,
 * each of which meets its own member with probability 1/from.
 */
export function movedOnAverage(from: number, to: number): Moved {
  if (to >= from) return movedByNewest(from, to)
  if (to === 0) return { moved: 1, ofThoseThatLeft: 1 }
  let overlap = 0
  for (let place = 0; place < to; place++) {
    overlap += Math.max(0, Math.min((place + 1) / to, (place + 1) / from) - place / to)
  }
  const stay = (to / from) * overlap + (from - to) / (from * from)
  return { moved: clamp(1 - stay), ofThoseThatLeft: (from - to) / from }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** Sums of thirds and sevenths end a hair's breadth off. */
function clamp(share: number): number {
  return share < 1e-12 ? 0 : Math.min(1, share)
}
