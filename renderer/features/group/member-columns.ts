/**
 * Per-member values of a group as typed columns: each refresh makes several passes over up to 32,768 members, and a
 * pass over numbers costs microseconds where one over objects costs milliseconds. Loops use an index: they run once per
 * second, too rarely for an iterator to be optimized away.
 */

import type { MemberEntry } from './member-entry.ts'
import { isFullMember, isNearlyFullMember } from './utilization.ts'

/** Bits of `flags`. */
export const HERE = 1
export const FULL = 2
export const NEARLY_FULL = 4
/** SO_REUSEADDR, and with it SO_REUSEPORT, was read from the socket itself. */
export const OPTION_READ = 8
/** Drops now. */
export const DROPS = 16

/** Each column has one entry per member, in the order of `members`. */
export class MemberColumns {
  readonly members: readonly MemberEntry[]
  readonly flags: Uint8Array
  /** Thousandths of the limit, as `utilization` gives it. */
  readonly fills: Int32Array
  /** Connections or bytes; -1 unknown. */
  readonly limits: Float64Array
  /** Drops per second; -1 unknown. */
  readonly dropRates: Float64Array
  /** Process that the member belongs to; 0 unknown. */
  readonly pids: Int32Array
  /** Start time of that process in milliseconds since the epoch; NaN unknown. */
  readonly starts: Float64Array

  /** Sets the index of each of `members`. */
  constructor(members: readonly MemberEntry[]) {
    this.members = members
    this.flags = new Uint8Array(members.length)
    this.fills = new Int32Array(members.length)
    this.limits = new Float64Array(members.length)
    this.dropRates = new Float64Array(members.length)
    this.pids = new Int32Array(members.length)
    this.starts = new Float64Array(members.length)
    // A process has many members, and its start time is text.
    const starts = new Map<string, number>()
    for (const [index, entry] of members.entries()) {
      entry.index = index
      const startedAt = entry.owner?.startedAt ?? null
      let started = startedAt === null ? Number.NaN : starts.get(startedAt)
      if (started === undefined) {
        started = Date.parse(startedAt ?? '')
        starts.set(startedAt ?? '', started)
      }
      this.starts[index] = started
      this.pids[index] = entry.owner?.pid ?? 0
      this.put(entry)
    }
  }

  /** Updates the numbers of one member. A member whose process changed needs new columns. */
  put(entry: MemberEntry): void {
    const { index, row, fill, presence } = entry
    // A member that stopped receiving keeps an old index, which may now be another's.
    if (this.members[index] !== entry) return
    this.flags[index] =
      (presence === 'gone' ? 0 : HERE) |
      (isFullMember(row) ? FULL : isNearlyFullMember(row) ? NEARLY_FULL : 0) |
      (row.reuseaddr === null ? 0 : OPTION_READ) |
      ((row.dropsPerSecond ?? 0) > 0 ? DROPS : 0)
    this.fills[index] = fill
    this.limits[index] = row.queue.limit ?? -1
    this.dropRates[index] = row.dropsPerSecond ?? -1
  }

  /** Number of present members that have all of `flags`. */
  count(flags: number): number {
    let count = 0
    const wanted = flags | HERE
    for (let index = 0; index < this.flags.length; index++) if (((this.flags[index] ?? 0) & wanted) === wanted) count++
    return count
  }

  /** Indices of the members that `count` counts, in order. */
  which(flags: number): number[] {
    const found: number[] = []
    const wanted = flags | HERE
    for (let index = 0; index < this.flags.length; index++) {
      if (((this.flags[index] ?? 0) & wanted) === wanted) found.push(index)
    }
    return found
  }

  /** The `most` fullest present members, fullest first; ties in index order. */
  fullest(most: number): MemberEntry[] {
    const found: number[] = []
    const fillAt = (place: number) => this.fills[found[place] ?? -1] ?? -1
    for (let index = 0; index < this.fills.length; index++) {
      const fill = this.fills[index] ?? -1
      if (found.length === most && fill <= fillAt(most - 1)) continue
      if (((this.flags[index] ?? 0) & HERE) === 0) continue
      let place = found.length
      while (place > 0 && fill > fillAt(place - 1)) place--
      found.splice(place, 0, index)
      if (found.length > most) found.pop()
    }
    return this.pick(found)
  }

  pick(indices: readonly number[]): MemberEntry[] {
    return indices.flatMap((index) => this.members[index] ?? [])
  }
}
