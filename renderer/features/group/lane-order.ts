/** The order of the lanes: by member number, queue, drops, what members are given, or process. */
import type { LaneColumn, LaneSort } from '../../model/lane-sort.ts'
import type { MemberEntry } from './member-entry.ts'

/** Unknown numbers are below 0, unknown processes after all names. */
const VALUES: Record<LaneColumn, (entry: MemberEntry) => number | string> = {
  number: ({ number }) => number,
  queue: ({ fill }) => fill,
  drops: ({ row }) => row.dropsPerSecond ?? -1,
  given: ({ row }) => row.given?.perSecond ?? -1,
  process: ({ owner }) =>
    owner === null ? '\u{10ffff}' : `${owner.command?.toLowerCase() ?? '\u{10fffe}'} ${String(owner.pid).padStart(10)}`,
}

/** `members` in order; those with equal values by number, so that they keep their places. */
export function lanesInOrder(members: readonly MemberEntry[], { column, descending }: LaneSort): MemberEntry[] {
  const read = VALUES[column]
  const values = new Map(members.map((entry) => [entry, read(entry)]))
  return members.toSorted((a, b) => {
    const inA = values.get(a) ?? 0
    const inB = values.get(b) ?? 0
    const by = inA < inB ? -1 : inA > inB ? 1 : 0
    return (descending ? -by : by) || a.number - b.number
  })
}
