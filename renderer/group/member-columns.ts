/**
 * What is summed up of all members of a group, as columns of numbers: each refresh asks several questions about up to
 * 32,768 members, and a pass over numbers costs microseconds where one over objects costs milliseconds of a frame.
 * Passes count with an index: they run once a second, too seldom for an iterator to be compiled away.
 */
import { isFullMember, isNearlyFullMember } from './fullness.ts'
import type { MemberEntry } from './member-table.ts'

/** Bits of `flags`. */
export const HERE = 1
export const FULL = 2
export const NEARLY_FULL = 4
/** SO_REUSEADDR, and with it SO_REUSEPORT, was read from the socket itself. */
export const OPTION_READ = 8
/** Drops now. */
export const DROPS = 16

/** An entry of each column is one member, in the order of `members`. */
export class MemberColumns {
  readonly members: readonly MemberEntry[]
  readonly flags: Uint8Array
  /** Thousandths of the limit, as fillOf gives it. */
  readonly fills: Int32Array
  /** Connections or bytes; -1 unknown. */
  readonly limits: Float64Array
  /** Drops a second; -1 unknown. */
  readonly dropRates: Float64Array
  /** Of the process that the member belongs to; 0 unknown. */
  readonly pids: Int32Array
  /** When that process was started, in milliseconds since the epoch; NaN unknown. */
  readonly starts: Float64Array

  /** Tells each of `members` its index. */
  constructor(members: readonly MemberEntry[]) {
    this.members = members
    this.flags = new Uint8Array(members.length)
    this.fills = new Int32Array(members.length)
    this.limits = new Float64Array(members.length)
    this.dropRates = new Float64Array(members.length)
    this.pids = new Int32Array(members.length)
    this.starts = new Float64Array(members.length)
    // A process has many members, and its start is text.
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

  /** Takes the numbers of a member that moved. A member that changed hands wants new columns. */
  put(entry: MemberEntry): void {
    const { index, row, fill, presence } = entry
    // One that is no receiver any more keeps the index that it had among others.
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

  /** Members that are still there and have every one of `flags`. */
  count(flags: number): number {
    let count = 0
    const wanted = flags | HERE
    for (let index = 0; index < this.flags.length; index++) if (((this.flags[index] ?? 0) & wanted) === wanted) count++
    return count
  }

  /** Indices of those, in order. */
  which(flags: number): number[] {
    const found: number[] = []
    const wanted = flags | HERE
    for (let index = 0; index < this.flags.length; index++) {
      if (((this.flags[index] ?? 0) & wanted) === wanted) found.push(index)
    }
    return found
  }

  /** The `most` fullest of those that are still there, fullest first; of equal ones the elder. */
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
