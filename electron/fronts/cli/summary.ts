/** A snapshot's group summarized in one row, as the live stream does. */

import { receives } from '../../contract/constants.ts'
import type { GroupRow, Owner } from '../../contract/live.ts'
import type { Finding, Group, GroupKey, Member, Snapshot } from '../../contract/model.ts'
import { fullestOf } from '../../contract/utilization.ts'
import { ownersOf } from '../../engine/snapshots/index.ts'

/** What a table shows for a group. A subset of a live row. */
export type Summary = GroupKey &
  Pick<GroupRow, 'receiving' | 'bound' | 'connected' | 'ownersHidden' | 'queue' | 'fullest' | 'drops' | 'given'> & {
    readonly owners: readonly Pick<Owner, 'command' | 'processes'>[]
  }

/** A snapshot with rows in place of groups. */
export type ListedGroups = Omit<Snapshot, 'groups' | 'findings'> & {
  readonly groups: readonly Summary[]
  readonly findings: readonly Finding[]
}

/** The snapshot with rows in place of groups. */
export function listed(snapshot: Snapshot): ListedGroups {
  return { ...snapshot, groups: snapshot.groups.map(summarize) }
}

/** The row with its owners by command alone: live rows tell units of one command apart. */
export function byCommand<Row extends Pick<Summary, 'owners'>>(row: Row): Row {
  const processes = new Map<string, number>()
  for (const owner of row.owners) processes.set(owner.command, (processes.get(owner.command) ?? 0) + owner.processes)
  return { ...row, owners: [...processes].map(([command, count]) => ({ command, processes: count })) }
}

/** Summarizes a group of a snapshot. */
export function summarize(group: Group): Summary {
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

function fullest(members: readonly Member[]): Summary['fullest'] {
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
