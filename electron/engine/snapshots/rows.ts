/** Rows for the live screens, made from a snapshot: stored snapshots are shown on the same screens. */

import { MAX_ROW_PIDS, receives } from '../../contract/constants.ts'
import { imbalanceOf } from '../../contract/imbalance.ts'
import type { GroupRow, MemberRow, Owner, Totals } from '../../contract/live.ts'
import type { Group, Member, Snapshot } from '../../contract/model.ts'
import { memberId } from '../../contract/model.ts'
import { utilization } from '../../contract/utilization.ts'
import { queueSlots } from '../common/queue-summary.ts'
import { ownersOf } from './compare-owners.ts'

/** The previous snapshot, for rates. */
export type Earlier = { readonly groups: ReadonlyMap<string, Group>; readonly takenAt: string }

export function earlier(snapshot: Snapshot): Earlier {
  return { groups: new Map(snapshot.groups.map((group) => [group.id, group])), takenAt: snapshot.takenAt }
}

/** The row of one group. Without a previous snapshot no rate is known. `service` is not in a snapshot. */
export function groupRow(group: Group, takenAt: string, before: Earlier | null): GroupRow {
  const { members, queue, drops, kernelGroups: _, recentFlows: __, ...key } = group
  const receiving = members.filter((member) => receives(member.state))
  const holders = new Set(members.flatMap((member) => member.holders?.map(({ pid }) => pid) ?? []))
  return {
    ...key,
    queue,
    drops,
    receiving: receiving.length,
    bound: count(members, 'bound'),
    connected: count(members, 'connected'),
    holders: holders.size,
    owners: ownersOf(members).map((owner): Owner => ({ ...owner, service: null })),
    pids: [...holders].sort((a, b) => a - b).slice(0, MAX_ROW_PIDS),
    ownersHidden: members.filter((member) => member.holders === null).length,
    fullest: fullest(receiving),
    imbalance: imbalanceOf(
      group.given === undefined ? null : receiving.map(({ given }) => given?.sample ?? 0),
      receiving.flatMap(({ queue: { length } }) => length ?? []),
      group.protocol === 'tcp' && !hasProgram(group),
    ),
    queueUtilization: slots(receiving),
    dropsPerSecond: groupRate(group, takenAt, before),
    firstSeenAt: takenAt,
  }
}

function hasProgram({ kernelGroups }: Group): boolean {
  return kernelGroups?.some(({ program }) => program !== null) ?? false
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
  let found: GroupRow['fullest'] = null
  let most = -1
  for (const { cookie, queue } of receiving) {
    if (queue.length === null) continue
    const share = queue.limit === null ? queue.length * 1e-12 : queue.length / Math.max(queue.limit, 1)
    if (share > most) {
      most = share
      found = { cookie, length: queue.length, limit: queue.limit }
    }
  }
  return found
}

/** Utilization of each member that receives, as in a row; empty for a missing group. */
export function slotsOf(group: Group | undefined): number[] {
  return slots(group?.members.filter((member) => receives(member.state)) ?? [])
}

function slots(receiving: readonly Member[]): number[] {
  return queueSlots(receiving.map(({ queue }) => utilization(queue)))
}
