/** Rows of a snapshot, as the engine makes them of a frame: for a list in a terminal, and for the live screens. */

import { MAX_ROW_PIDS, receives } from '../../contract/constants.ts'
import type { ListedGroup } from '../../contract/group-list.ts'
import { memberId } from '../../contract/ids.ts'
import { imbalanceOf } from '../../contract/imbalance.ts'
import type { GroupRow, MemberRow, Owner, Totals } from '../../contract/live.ts'
import type { Group, Member, Snapshot } from '../../contract/model.ts'
import { programDecides } from '../../contract/program-targets.ts'
import { fullestOf, utilization } from '../../contract/utilization.ts'
import { queueSlots } from '../common/queue-summary.ts'
import { ownersOf } from './compare-owners.ts'

/** The previous snapshot, for rates. */
export type Earlier = { readonly groups: ReadonlyMap<string, Group>; readonly takenAt: string }

export function earlier(snapshot: Snapshot): Earlier {
  return { groups: new Map(snapshot.groups.map((group) => [group.id, group])), takenAt: snapshot.takenAt }
}

/** The group as a line of a list. */
export function listedGroup({ members, kernelGroups: _, recentFlows: __, ...key }: Group): ListedGroup {
  const receiving = members.filter((member) => receives(member.state))
  return {
    ...key,
    receiving: receiving.length,
    bound: count(members, 'bound'),
    connected: count(members, 'connected'),
    owners: ownersOf(members),
    ownersHidden: members.filter((member) => member.holders === null).length,
    fullest: fullest(receiving),
  }
}

/** The row of one group. Without a previous snapshot no rate is known. `service` is not in a snapshot. */
export function groupRow(group: Group, takenAt: string, before: Earlier | null): GroupRow {
  const listed = listedGroup(group)
  const { members } = group
  const receiving = members.filter((member) => receives(member.state))
  const holders = new Set(members.flatMap((member) => member.holders?.map(({ pid }) => pid) ?? []))
  return {
    ...listed,
    holders: holders.size,
    owners: listed.owners.map((owner): Owner => ({ ...owner, service: null })),
    pids: [...holders].sort((a, b) => a - b).slice(0, MAX_ROW_PIDS),
    imbalance: imbalanceOf(
      group.given === undefined ? null : receiving.map(({ given }) => given?.sample ?? 0),
      receiving.flatMap(({ queue: { length } }) => length ?? []),
      group.protocol === 'tcp' && !programDecides(group.kernelGroups ?? []),
    ),
    queueUtilization: slots(receiving),
    dropsPerSecond: groupRate(group, takenAt, before),
    firstSeenAt: takenAt,
  }
}

/** A member as a lane shows it. */
export function memberRow(member: Member, groupId: string, takenAt: string, before: Earlier | null): MemberRow {
  const was = before?.groups.get(groupId)?.members.find((one) => memberId(one) === memberId(member))
  return {
    ...member,
    dropsPerSecond: rate(was?.drops ?? null, member.drops, takenAt, before),
    firstSeenAt: takenAt,
    remote: null,
    reuseport: null,
    reuseaddr: null,
  }
}

/** The totals in the status bar. A snapshot does not say which processes refused: 0. */
export function totalsOf({ groups }: Snapshot): Totals {
  let sockets = 0
  let plain = 0
  let ownersHidden = 0
  for (const { sharing, members } of groups) {
    sockets += members.length
    if (sharing === 'none') plain += members.length
    ownersHidden += members.filter((member) => member.holders === null).length
  }
  const shared = groups.filter((group) => group.sharing !== 'none').length
  return { sockets, groups: shared, unshared: plain, ownersHidden, processesRefused: 0 }
}

function count(members: readonly Member[], state: Member['state']): number {
  return members.filter((member) => member.state === state).length
}

function groupRate(group: Group, takenAt: string, before: Earlier | null): number | null {
  const was = before?.groups.get(group.id)
  if (was === undefined || before === null) return null
  const drops = new Map(was.members.map((member) => [memberId(member), member.drops]))
  let sum = 0
  for (const member of group.members) {
    if (!receives(member.state)) continue
    const then = drops.has(memberId(member)) ? (drops.get(memberId(member)) ?? null) : 0
    if (then === null || member.drops === null || member.drops < then) return null
    sum += member.drops - then
  }
  return rate(0, sum, takenAt, before)
}

function rate(then: number | null, now: number | null, takenAt: string, before: Earlier | null): number | null {
  const elapsed = before === null ? 0 : Date.parse(takenAt) - Date.parse(before.takenAt)
  if (then === null || now === null || elapsed <= 0 || now < then) return null
  return Math.round((10_000 * (now - then)) / elapsed) / 10
}

function fullest(receiving: readonly Member[]): GroupRow['fullest'] {
  const known = receiving.flatMap(({ cookie, queue: { length, limit } }) =>
    length === null ? [] : [{ cookie, length, limit }],
  )
  return fullestOf(known)
}

/** Utilization of each member that receives, as in a row; empty for a missing group. */
export function slotsOf(group: Group | undefined): number[] {
  return slots(group?.members.filter((member) => receives(member.state)) ?? [])
}

function slots(receiving: readonly Member[]): number[] {
  return queueSlots(receiving.map(({ queue }) => utilization(queue)))
}
