/**
 * Joins the pages of one refresh: over a link with a round trip of 50 ms, a page would cost as much as all of them. Pure,
 * except for the requests.
 */

import { memberId } from '../../contract/ids.ts'
import type { GroupChange, GroupsChange, MemberValues } from '../../contract/live.ts'

/** Above these an answer stays a page: what is shown first should not wait for the last row. */
const MAX_ROWS = 2000
const MAX_MEMBERS = 4000
const MAX_VALUES = 40_000

/** Requests pages by their cursor until one is the last, or there are enough rows. */
export async function joinGroups(request: (after?: string) => Promise<GroupsChange>): Promise<GroupsChange> {
  let joined = await request()
  while (joined.more && joined.rows.length < MAX_ROWS) joined = joinGroupsPages(joined, await request(joined.cursor))
  return joined
}

/** The same for the members of a group. */
export async function joinMembers(request: (after?: string) => Promise<GroupChange>): Promise<GroupChange> {
  let joined = await request()
  while (joined.more && joined.joined.length < MAX_MEMBERS && joined.values.members.length < MAX_VALUES)
    joined = joinMemberPages(joined, await request(joined.cursor))
  return joined
}

/** One change that has the effect of `first` and then `next`. */
export function joinGroupsPages(first: GroupsChange, next: GroupsChange): GroupsChange {
  if (next.reset) return next
  const replaced = new Set([...next.removed, ...next.rows.map(({ id }) => id)])
  return {
    ...next,
    reset: first.reset,
    removed: [...new Set([...first.removed, ...next.removed])],
    rows: [...first.rows.filter(({ id }) => !replaced.has(id)), ...next.rows],
  }
}

/** One change that has the effect of `first` and then `next`. */
export function joinMemberPages(first: GroupChange, next: GroupChange): GroupChange {
  if (next.reset) return next
  if (next.row === null) return { ...next, reset: first.reset }
  const replaced = new Set([...next.left, ...next.joined.map(memberId)])
  return {
    ...next,
    reset: first.reset,
    left: [...new Set([...first.left, ...next.left])],
    joined: [...first.joined.filter((member) => !replaced.has(memberId(member))), ...next.joined],
    // Values are applied after the members.
    values: joinValues(withoutMembers(first.values, replaced), next.values),
  }
}

function withoutMembers(values: MemberValues, without: ReadonlySet<string>): MemberValues {
  const kept = <T>(column: readonly T[]) => column.filter((_, at) => !without.has(values.members[at] ?? ''))
  if (!values.members.some((member) => without.has(member))) return values
  return {
    members: kept(values.members),
    lengths: kept(values.lengths),
    limits: kept(values.limits),
    drops: kept(values.drops),
    dropsPerSecond: kept(values.dropsPerSecond),
  }
}

function joinValues(first: MemberValues, next: MemberValues): MemberValues {
  return {
    members: [...first.members, ...next.members],
    lengths: [...first.lengths, ...next.lengths],
    limits: [...first.limits, ...next.limits],
    drops: [...first.drops, ...next.drops],
    dropsPerSecond: [...first.dropsPerSecond, ...next.dropsPerSecond],
  }
}
