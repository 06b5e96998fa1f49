/** The lines of a list of groups: made of a snapshot, with owners by command, in the order of endpoints. */

import type { GroupList, ListedGroup } from '../../contract/group-list.ts'
import type { GroupKey, Snapshot } from '../../contract/model.ts'
import { listedGroup } from '../../engine/snapshots/index.ts'

export function toGroupList(snapshot: Snapshot): GroupList {
  return { ...snapshot, groups: snapshot.groups.map(listedGroup) }
}

/** The row with its owners by command alone: live rows tell units of one command apart. */
export function byCommand<Row extends Pick<ListedGroup, 'owners'>>(row: Row): Row {
  const processes = new Map<string, number>()
  for (const owner of row.owners) processes.set(owner.command, (processes.get(owner.command) ?? 0) + owner.processes)
  return { ...row, owners: [...processes].map(([command, count]) => ({ command, processes: count })) }
}

/** By port, then by what distinguishes the groups of one port. */
export function byEndpoint(a: GroupKey, b: GroupKey): number {
  return (
    a.port - b.port ||
    compare(a.protocol, b.protocol) ||
    compare(a.family, b.family) ||
    compare(a.address, b.address) ||
    a.netns - b.netns ||
    compare(a.id, b.id)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
