/**
 * What a front sees while it watches. A stream is read by asking: each question names the last answer that was taken
 * (`after`), and is answered as soon as there is something newer, with what changed since and nothing else. A front
 * that is slow asks less often, gets the newest values when it does, and costs the engine nothing in between.
 */
import { z } from 'zod'
import { Problem } from './errors.ts'
import { GroupId, GroupKey, Member, MemberId, Namespace, Queue } from './model.ts'

/** Where a reader stands in a stream. Opaque: pass on what the last answer gave. */
export const Position = z.string().max(200)
export type Position = z.infer<typeof Position>

/** Processes of one command among the owners of a group. */
export const Owner = z.object({
  command: z.string(),
  processes: z.number().int().positive(),
  /** systemd unit, or the container's short name, where the cgroup tells. */
  service: z.string().nullable(),
})
export type Owner = z.infer<typeof Owner>

/** One group as a table shows it: no members, but what sums them up. */
export const GroupRow = GroupKey.extend({
  receiving: z.number().int().nonnegative(),
  bound: z.number().int().nonnegative(),
  connected: z.number().int().nonnegative(),
  /** Distinct processes with a descriptor of a member. */
  holders: z.number().int().nonnegative(),
  owners: z.array(Owner),
  /** Members of which no owner may be seen. */
  ownersHidden: z.number().int().nonnegative(),
  queue: Queue,
  /** The member whose queue is fullest against its limit. */
  fullest: z.object({ cookie: Member.shape.cookie, length: z.number(), limit: z.number().nullable() }).nullable(),
  /** The longest queue of the receiving members against the mean of theirs: 1 is even. null where there are fewer than two, or nothing waits. */
  imbalance: z.number().nullable(),
  /** Fill of each receiving member, thousandths of its limit, in the order of `group.changes`; past 32 members each slot is the fullest of its share. -1: limit unknown. */
  slots: z.array(z.number().int()),
  drops: z.number().int().nonnegative().nullable(),
  dropsPerSecond: z.number().nonnegative().nullable(),
  /** When the engine first saw the group. */
  seenAt: z.iso.datetime(),
})
export type GroupRow = z.infer<typeof GroupRow>

export const Totals = z.object({
  sockets: z.number().int(),
  groups: z.number().int(),
  /** Sockets in no group. */
  plain: z.number().int(),
  /** Sockets of which no owner may be seen. */
  ownersHidden: z.number().int(),
  /** Processes whose descriptors may not be read. */
  processesRefused: z.number().int(),
})
export type Totals = z.infer<typeof Totals>

/** The state of sampling: at the foot of every answer. */
export const Sampling = z.object({
  refresh: z.number().int().nonnegative(),
  takenAt: z.iso.datetime().nullable(),
  durationMs: z.number().nonnegative(),
  /** The interval in force: longer than the one asked for where a refresh takes long. */
  intervalMs: z.number(),
  askedIntervalMs: z.number(),
  paused: z.boolean(),
  /** Why the newest refresh gave less than it should; null when it gave everything. */
  problem: Problem.nullable(),
})
export type Sampling = z.infer<typeof Sampling>

export const GroupsChange = z.object({
  position: Position,
  /** The reader's picture must be emptied first: it is the first answer, or it missed too much. */
  reset: z.boolean(),
  /** More of the same picture follows: ask again at once. */
  more: z.boolean(),
  /** Groups that left, or are not among what was asked for any more. To be applied before `rows`: a key may come back. */
  gone: z.array(GroupId),
  rows: z.array(GroupRow),
  totals: Totals,
  namespaces: z.array(Namespace),
  sampling: Sampling,
})
export type GroupsChange = z.infer<typeof GroupsChange>

/** One member as a lane or a cell shows it. */
export const MemberRow = Member.extend({
  dropsPerSecond: z.number().nonnegative().nullable(),
  seenAt: z.iso.datetime(),
  remote: z.string().nullable(),
  reuseport: z.boolean().nullable(),
  reuseaddr: z.boolean().nullable(),
})
export type MemberRow = z.infer<typeof MemberRow>

/** Numbers of members that only moved: columns, one entry a member. null as in `Member`, as -1. */
export const MemberValues = z.object({
  members: z.array(MemberId),
  lengths: z.array(z.number().int()),
  limits: z.array(z.number().int()),
  drops: z.array(z.number().int()),
  dropsPerSecond: z.array(z.number()),
})
export type MemberValues = z.infer<typeof MemberValues>

export const GroupChange = z.object({
  position: Position,
  reset: z.boolean(),
  more: z.boolean(),
  /** null when the group is gone. */
  row: GroupRow.nullable(),
  /** Members that left. */
  left: z.array(MemberId),
  /** Members that are new to the reader, or whose state, holders or pollers changed. */
  joined: z.array(MemberRow),
  values: MemberValues,
  sampling: Sampling,
})
export type GroupChange = z.infer<typeof GroupChange>

/** One thing that this user can or cannot see here. */
export const Check = z.object({
  id: z.string(),
  subject: z.string(),
  state: z.enum(['yes', 'partly', 'no', 'unknown']),
  detail: z.string(),
  remedy: z.string().nullable(),
})
export type Check = z.infer<typeof Check>

/** Everything about one process that a person wants to know. */
export const Process = z.object({
  pid: z.number().int().positive(),
  command: z.string(),
  commandLine: z.array(z.string()).nullable(),
  executable: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  uid: z.number().int().nullable(),
  user: z.string().nullable(),
  cgroup: z.string().nullable(),
  unit: z.string().nullable(),
  container: z.object({ runtime: z.string(), id: z.string() }).nullable(),
})
export type Process = z.infer<typeof Process>
