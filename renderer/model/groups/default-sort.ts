/** Tie-breaking order of groups. It depends only on constant fields, so rows with equal sort values never swap. */
import type { GroupRow } from '../../../electron/contract/live.ts'

/** Groups before unshared sockets, then by port, protocol, address, namespace and id. */
export function compareDefault(a: GroupRow, b: GroupRow): number {
  return (
    plain(a) - plain(b) ||
    a.port - b.port ||
    text(a.protocol, b.protocol) ||
    text(a.address, b.address) ||
    a.netns - b.netns ||
    text(a.id, b.id)
  )
}

function plain(row: GroupRow): number {
  return row.sharing === 'none' ? 1 : 0
}

function text(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
