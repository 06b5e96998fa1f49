/** Groups of a snapshot as the lines of a list, as the engine makes them of a frame. */

import { receives } from '../../contract/constants.ts'
import type { GroupList, ListedGroup } from '../../contract/group-list.ts'
import type { Group, GroupKey, Member, Snapshot } from '../../contract/model.ts'
import { fullestOf } from '../../contract/utilization.ts'
import { ownersOf } from '../../engine/snapshots/index.ts'

export function toGroupList(snapshot: Snapshot): GroupList {
  return { ...snapshot, groups: snapshot.groups.map(toListedGroup) }
}

/** The row with its owners by command alone: live rows tell units of one command apart. */
export function byCommand<Row extends Pick<ListedGroup, 'owners'>>(row: Row): Row {
  const processes = new Map<string, number>()
  for (const owner of row.owners) processes.set(owner.command, (processes.get(owner.command) ?? 0) + owner.processes)
  return { ...row, owners: [...processes].map(([command, count]) => ({ command, processes: count })) }
}

export function toListedGroup(group: Group): ListedGroup {
  const receiving = group.members.filter((member) => receives(member.state))
  return {
    ...group,
    receiving: receiving.length,
    bound: group.members.filter((member) => member.state === 'bound').length,
    connected: group.members.filter((member) => member.state === 'connected').length,
    owners: ownersOf(group.members),
    ownersHidden: group.members.filter((member) => member.holders === null).length,
    fullest: fullest(receiving),
  }
}

function fullest(members: readonly Member[]): ListedGroup['fullest'] {
  const known = members.flatMap(({ cookie, queue: { length, limit } }) =>
    length === null ? [] : [{ cookie, length, limit }],
  )
  return fullestOf(known)
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
