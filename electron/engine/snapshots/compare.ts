/** The differences between two snapshots. Pure: two documents in, one out. */

import {
  COMPARISON_SCHEMA,
  type ComparedMember,
  type ComparedSnapshot,
  type Comparison,
  type GroupComparison,
  type MemberComparison,
} from '../../contract/comparison.ts'
import { receives } from '../../contract/constants.ts'
import { memberId } from '../../contract/ids.ts'
import type { Finding, Group, Member, Snapshot } from '../../contract/model.ts'
import { fullestOf, isFull } from '../../contract/utilization.ts'
import { TimeSlice } from '../common/time-slice.ts'
import { ownersOf, pidsOf, sameCommands, sameProcesses, startOfNewest } from './compare-owners.ts'
import { type Pair, pairGroups } from './compare-pairs.ts'
import { isUnmatchable, type Opaque, opaqueBetween, sameBoot } from './compare-pseudonyms.ts'
import { describeComparison, describeGroup } from './describe-comparison.ts'
import { keyOf } from './group-key.ts'

/** The groups to compare, on each side. */
export type Chosen = { readonly before: (group: Group) => boolean; readonly after: (group: Group) => boolean }
const EVERY_GROUP: Chosen = { before: () => true, after: () => true }

/** A queue that moved by less than this share of its limit is normal, and no change to list. */
const NOTABLE_UTILIZATION = 0.05

/**
 * Compares `before` with `after`. On one boot of one machine, groups are matched by id and members by cookie; across
 * machines or boots, groups are matched by endpoint, and individual members are not compared. `chosen`: only groups
 * that are chosen on at least one side.
 */
export function compare(before: Snapshot, after: Snapshot, chosen: Chosen = EVERY_GROUP): Comparison {
  const steps = comparing(before, after, chosen)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same, with turns of the event loop in between: a million sockets take many seconds. */
export async function compareInSlices(before: Snapshot, after: Snapshot, chosen = EVERY_GROUP): Promise<Comparison> {
  const steps = comparing(before, after, chosen)
  const slice = new TimeSlice()
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    if (slice.expired) await slice.next()
  }
}

function* comparing(before: Snapshot, after: Snapshot, chosen: Chosen): Generator<undefined, Comparison> {
  const opaque = opaqueBetween(before, after)
  const matchedBy = sameBoot(before, after, opaque) ? 'identity' : 'endpoint'
  const elapsedMs = Date.parse(after.takenAt) - Date.parse(before.takenAt)
  const seconds = matchedBy === 'identity' && elapsedMs > 0 ? elapsedMs / 1000 : null
  const pairs = (yield* pairGroups(before, after, matchedBy)).filter(
    (pair) => (pair.before !== null && chosen.before(pair.before)) || (pair.after !== null && chosen.after(pair.after)),
  )
  const told = pairs.filter((pair) => matchedBy === 'identity' || !isUnknown(pair, before, after, opaque))
  const groups: GroupComparison[] = []
  let unchanged = 0
  for (const pair of told) {
    const group = compareGroup(pair, matchedBy, opaque, seconds)
    if (group === null) unchanged++
    else groups.push(group)
    yield
  }
  groups.sort((a, b) => weight(b) - weight(a) || a.key.port - b.key.port || (a.key.id < b.key.id ? -1 : 1))
  const idAfter = new Map(told.flatMap((pair) => (pair.before && pair.after ? [[pair.before.id, pair.after.id]] : [])))
  const { raised, cleared } = compareFindings(
    findingsOf(before, groupsOf(told, 'before')),
    findingsOf(after, groupsOf(told, 'after')),
    idAfter,
  )
  const comparison: Comparison = {
    schema: COMPARISON_SCHEMA,
    before: describe(before, groupsOf(pairs, 'before')),
    after: describe(after, groupsOf(pairs, 'after')),
    matchedBy,
    elapsedMs,
    groups,
    unchanged,
    raised,
    cleared,
    sysctls: compareSysctls(before.sysctls, after.sysctls),
    summary: [],
  }
  const readAs = { before: before.host.uid, after: after.host.uid }
  return {
    ...comparison,
    summary: describeComparison(comparison, { opaque, unmatched: pairs.length - told.length, readAs }),
  }
}

/** A group on one side only, which the other side may have under names that cannot be matched. */
function isUnknown({ before: then, after: now }: Pair, before: Snapshot, after: Snapshot, opaque: Opaque): boolean {
  if (then !== null && now !== null) return false
  const [group, snapshot] = now === null ? [then, before] : [now, after]
  return group !== null && isUnmatchable(group, snapshot, opaque)
}

function groupsOf(pairs: readonly Pair[], side: keyof Pair): Group[] {
  return pairs.flatMap((pair) => pair[side] ?? [])
}

function findingsOf({ findings }: Snapshot, groups: readonly Group[]): Finding[] {
  const ids = new Set(groups.map(({ id }) => id))
  return findings.filter(({ group }) => ids.has(group))
}

function describe(snapshot: Snapshot, groups: readonly Group[]): ComparedSnapshot {
  return {
    takenAt: snapshot.takenAt,
    hostname: snapshot.host.hostname,
    bootId: snapshot.host.bootId,
    groups: groups.length,
    sockets: groups.reduce((sum, group) => sum + group.members.length, 0),
    redacted: snapshot.redacted ?? [],
  }
}

/** null where nothing notable changed. */
function compareGroup(
  { before, after }: Pair,
  matchedBy: Comparison['matchedBy'],
  opaque: Opaque,
  seconds: number | null,
): GroupComparison | null {
  const now = after ?? before
  if (now === null) return null
  const byId = matchedBy === 'identity'
  const idsBefore = new Map(before?.members.map((member) => [memberId(member), member]))
  const idsAfter = new Set(after?.members.map(memberId))
  const both = before !== null && after !== null
  const added = both && byId ? after.members.filter((member) => !idsBefore.has(memberId(member))) : []
  const removed = both && byId ? before.members.filter((member) => !idsAfter.has(memberId(member))) : []
  const common =
    both && byId
      ? after.members.flatMap((member): [Member, Member][] => {
          const then = idsBefore.get(memberId(member))
          return then === undefined ? [] : [[then, member]]
        })
      : []
  const owners = { before: ownersOf(before?.members ?? []), after: ownersOf(after?.members ?? []) }
  const known = both && ownersKnown(before) && ownersKnown(after) && !opaque.has('commands')
  const otherOwner = known && !sameCommands(owners.before, owners.after)
  const otherProcesses = known && byId && !otherOwner && !sameProcesses(pidsOf(before.members), pidsOf(after.members))
  const dropped = both && byId ? droppedBy(common, added) : null
  const queue = { before: before?.queue ?? emptyQueue(now), after: after?.queue ?? emptyQueue(now) }
  const moved =
    queue.before.length === null || queue.after.length === null ? null : queue.after.length - queue.before.length
  const comparison: GroupComparison = {
    change: before === null ? 'added' : after === null ? 'removed' : 'changed',
    key: keyOf(now),
    idBefore: both && before.id !== after.id ? before.id : null,
    members: { before: receiving(before), after: receiving(after) },
    added: added.map(compared),
    removed: removed.map(compared),
    changed: common.flatMap(([then, member]) => compareMember(then, member, opaque) ?? []),
    owners,
    owner: otherOwner ? owners : null,
    generation: otherProcesses ? { before: startOfNewest(before.members), after: startOfNewest(after.members) } : null,
    sharing: differs(before, after, (group) => group.sharing),
    evidence: differs(before, after, (group) => group.evidence),
    user: opaque.has('users') ? null : differs(before, after, userOf),
    queue,
    fullest: { before: fullestQueue(before), after: fullestQueue(after) },
    queuePerSecond: both && moved !== null && seconds !== null ? round(moved / seconds) : null,
    dropped,
    droppedPerSecond: dropped === null || seconds === null ? null : round(dropped / seconds),
    summary: [],
  }
  if (comparison.change === 'changed' && !isNotable(comparison)) return null
  return { ...comparison, summary: describeGroup(comparison) }
}

function isNotable(group: GroupComparison): boolean {
  return (
    group.members.before !== group.members.after ||
    group.added.length > 0 ||
    group.removed.length > 0 ||
    group.owner !== null ||
    group.generation !== null ||
    group.sharing !== null ||
    group.evidence !== null ||
    group.user !== null ||
    (group.dropped ?? 0) > 0 ||
    group.changed.some((member) => member.owner !== null || member.generation !== null) ||
    group.changed.some((member) => member.queue !== null && notableMove(member.queue)) ||
    notableMove({ before: group.fullest.before, after: group.fullest.after })
  )
}

/** A changed limit, or a length that moved by more than a small share of the limit. */
function notableMove({ before, after }: { before: Member['queue'] | null; after: Member['queue'] | null }): boolean {
  if (before === null || after === null) return false
  if (before.limit !== after.limit) return before.limit !== null && after.limit !== null
  if (before.length === null || after.length === null) return false
  return Math.abs(after.length - before.length) > NOTABLE_UTILIZATION * Math.max(after.limit ?? 0, 1)
}

function compareMember(before: Member, after: Member, opaque: Opaque): MemberComparison | null {
  const known = before.holders !== null && after.holders !== null && !opaque.has('commands')
  const owners = { before: ownersOf([before]), after: ownersOf([after]) }
  const pids = { before: pidsOf([before]), after: pidsOf([after]) }
  const otherOwner = known && !sameCommands(owners.before, owners.after)
  const otherProcesses = known && !otherOwner && !sameProcesses(pids.before, pids.after)
  const moved = before.queue.length !== after.queue.length || before.queue.limit !== after.queue.limit
  const dropped = droppedBetween(before, after)
  if (!otherOwner && !otherProcesses && !moved && (dropped ?? 0) === 0) return null
  return {
    cookie: after.cookie,
    inode: after.inode,
    owner: otherOwner ? owners : null,
    generation: otherProcesses
      ? { before: pids.before.map(({ pid }) => pid), after: pids.after.map(({ pid }) => pid) }
      : null,
    queue: moved ? { before: before.queue, after: after.queue } : null,
    dropped,
  }
}

/** null where it is unknown, or where the 32-bit counter wrapped (sk_drops, net/core/sock.c). */
function droppedBetween(before: Member, after: Member): number | null {
  if (before.drops === null || after.drops === null || after.drops < before.drops) return null
  return after.drops - before.drops
}

/** What present members lost in between; new ones count in full. A member that left took its counter with it. */
function droppedBy(kept: readonly [Member, Member][], added: readonly Member[]): number | null {
  let sum = 0
  for (const dropped of [
    ...kept.filter(([, member]) => receives(member.state)).map(([then, member]) => droppedBetween(then, member)),
    ...added.filter((member) => receives(member.state)).map((member) => member.drops),
  ]) {
    if (dropped === null) return null
    sum += dropped
  }
  return sum
}

function compareFindings(before: readonly Finding[], after: readonly Finding[], idAfter: ReadonlyMap<string, string>) {
  const name = (code: string, group: string) => `${code} ${group}`
  const were = new Set(before.map((finding) => name(finding.code, idAfter.get(finding.group) ?? finding.group)))
  const are = new Set(after.map((finding) => name(finding.code, finding.group)))
  return {
    raised: after.filter((finding) => !were.has(name(finding.code, finding.group))),
    cleared: before.filter((finding) => !are.has(name(finding.code, idAfter.get(finding.group) ?? finding.group))),
  }
}

function compareSysctls(before: Snapshot['sysctls'], after: Snapshot['sysctls']): Comparison['sysctls'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }))
}

/** By importance: losses, then queues that became full, then removed members, then changed owners. */
function weight(group: GroupComparison): number {
  const full = group.fullest.after
  const waiting = group.removed.reduce((sum, member) => sum + (member.queue.length ?? 0), 0)
  const order = { changed: 2, added: 1, removed: 0 }[group.change]
  return (
    order * 1e15 +
    Math.min(1e14, (waiting + (group.dropped ?? 0)) * 1e3) +
    (full !== null && isFull(full) ? 500 : 0) +
    group.removed.length
  )
}

function differs<T>(
  before: Group | null,
  after: Group | null,
  of: (group: Group) => T,
): { before: T; after: T } | null {
  if (before === null || after === null) return null
  const change = { before: of(before), after: of(after) }
  return change.before === change.after ? null : change
}

function userOf(group: Group): string | null {
  return group.user ?? (group.uid === null ? null : `uid ${group.uid}`)
}

function ownersKnown(group: Group): boolean {
  return group.members.every((member) => member.holders !== null)
}

function receiving(group: Group | null): number {
  return group?.members.filter((member) => receives(member.state)).length ?? 0
}

function fullestQueue(group: Group | null): Member['queue'] | null {
  const receiving = group?.members.filter((member) => receives(member.state)) ?? []
  return fullestOf(receiving.map((member) => member.queue))
}

function emptyQueue(group: Group): Group['queue'] {
  return { length: null, limit: null, unit: group.queue.unit }
}

function compared({ cookie, inode, holders, queue, drops }: Member): ComparedMember {
  return { cookie, inode, holders, queue, drops }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
