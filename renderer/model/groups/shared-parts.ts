/** What did not change in a row stays the same object: with ten thousand rows a second, garbage costs more than values. */
import type { GroupRow } from '../../../electron/contract/live.ts'

/** Gives `row`, just received, the parts of `before` that are equal. Returns `row`. */
export function sharingParts(before: GroupRow, row: GroupRow): GroupRow {
  row.id = before.id
  if (row.address === before.address) row.address = before.address
  if (row.firstSeenAt === before.firstSeenAt) row.firstSeenAt = before.firstSeenAt
  if (row.user === before.user) row.user = before.user
  if (sameNumbers(row.pids, before.pids)) row.pids = before.pids
  if (sameOwners(row.owners, before.owners)) row.owners = before.owners
  if (sameNumbers(row.queueUtilization, before.queueUtilization)) row.queueUtilization = before.queueUtilization
  return row
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, i) => number === b[i])
}

function sameOwners(a: GroupRow['owners'], b: GroupRow['owners']): boolean {
  return (
    a.length === b.length &&
    a.every(({ command, processes, service }, i) => {
      const other = b[i]
      return (
        other !== undefined && other.command === command && other.processes === processes && other.service === service
      )
    })
  )
}
