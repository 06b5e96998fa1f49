/**
 * Live streams, read by long polling: each request passes the cursor of the last answer (`after`), and is answered as
 * soon as there is something newer, with only the changes since. A slow front polls less often, gets the latest values,
 * and costs the engine nothing in between.
 */
import { z } from 'zod'
import { Problem } from './errors.ts'
import { GivenColumns, GroupGiven } from './given.ts'
import { GroupId, GroupKey, Member, MemberId, Namespace, Queue } from './model.ts'

/** A reader's cursor in a stream. Opaque: pass the one in the last answer. */
export const Cursor = z.string().max(200)
export type Cursor = z.infer<typeof Cursor>

/** Processes of one command among the owners of a group. */
export const Owner = z.object({
  command: z.string(),
  processes: z.number().int().positive(),
  /** systemd unit, or the container's short name, where the cgroup shows it. */
  service: z.string().nullable(),
})
export type Owner = z.infer<typeof Owner>

/**
 * `given`: of what members were given since the sample began. `queues`: of their queues now, where too little was
 * counted, or nothing is.
 */
export const Imbalance = z.object({
  of: z.enum(['given', 'queues']),
  /** The busiest member divided by the mean of all: 1 is even, the number of members means that one has all. */
  ratio: z.number(),
  /**
   * With equal chances a group exceeds this ratio less than once in a thousand times. null where chance sets no bounds:
   * of queues, of datagrams (those of one flow go to one member), and where a BPF program decides.
   */
  chance: z.number().nullable(),
})
export type Imbalance = z.infer<typeof Imbalance>

/** One group as a table row: totals in place of members. */
export const GroupRow = GroupKey.extend({
  receiving: z.number().int().nonnegative(),
  bound: z.number().int().nonnegative(),
  connected: z.number().int().nonnegative(),
  /** Distinct processes with a descriptor of a member. */
  holders: z.number().int().nonnegative(),
  owners: z.array(Owner),
  /** Those processes in ascending order, at most MAX_ROW_PIDS of them. */
  pids: z.array(z.number().int().positive()),
  /** Members whose owner is not visible. */
  ownersHidden: z.number().int().nonnegative(),
  queue: Queue,
  /** The member whose queue has the highest utilization. */
  fullest: z.object({ cookie: Member.shape.cookie, length: z.number(), limit: z.number().nullable() }).nullable(),
  /** null with fewer than two receiving members, and where nothing was given and nothing is queued. */
  imbalance: Imbalance.nullable(),
  /**
   * Utilization of each receiving member's queue in thousandths, in the order of `group.changes`; above 32 members,
   * each slot is the maximum of several. -1: limit unknown.
   */
  queueUtilization: z.array(z.number().int()),
  drops: z.number().int().nonnegative().nullable(),
  dropsPerSecond: z.number().nonnegative().nullable(),
  /** What its receiving members are given together; omitted where it is not counted for each of them. */
  given: GroupGiven.optional(),
  /** When the engine first saw the group. */
  firstSeenAt: z.iso.datetime(),
})
export type GroupRow = z.infer<typeof GroupRow>

export const Totals = z.object({
  sockets: z.number().int(),
  groups: z.number().int(),
  /** Sockets in no group. */
  unshared: z.number().int(),
  /** Sockets whose owner is not visible. */
  ownersHidden: z.number().int(),
  /** Processes whose descriptors are not readable. */
  processesRefused: z.number().int(),
})
export type Totals = z.infer<typeof Totals>

/** The state of the sampler, in every answer. */
export const SamplerStatus = z.object({
  refresh: z.number().int().nonnegative(),
  takenAt: z.iso.datetime().nullable(),
  durationMs: z.number().nonnegative(),
  /** The effective interval: longer than the requested one where refreshes are slow. */
  intervalMs: z.number(),
  requestedIntervalMs: z.number(),
  paused: z.boolean(),
  /** Why the latest refresh was incomplete; null where it was complete. */
  problem: Problem.nullable(),
})
export type SamplerStatus = z.infer<typeof SamplerStatus>

/** What every answer of a stream has. */
export const StreamChange = z.object({
  cursor: Cursor,
  /** Discard all earlier state: this is the first answer, or too much was missed. */
  reset: z.boolean(),
  /** The frame continues in the next answer: request it at once. */
  more: z.boolean(),
})

export const GroupsChange = StreamChange.extend({
  /** Groups that were removed, or no longer match the request. Apply before `rows`: an id can return. */
  removed: z.array(GroupId),
  rows: z.array(GroupRow),
  totals: Totals,
  namespaces: z.array(Namespace),
  sampler: SamplerStatus,
})
export type GroupsChange = z.infer<typeof GroupsChange>

/** One member as a table row. */
export const MemberRow = Member.extend({
  dropsPerSecond: z.number().nonnegative().nullable(),
  firstSeenAt: z.iso.datetime(),
  remote: z.string().nullable(),
  reuseport: z.boolean().nullable(),
  reuseaddr: z.boolean().nullable(),
})
export type MemberRow = z.infer<typeof MemberRow>

/** Changed numbers of members, as columns with one entry per member. What is null in `Member` is -1 here. */
export const MemberValues = z.object({
  members: z.array(MemberId),
  lengths: z.array(z.number().int()),
  limits: z.array(z.number().int()),
  drops: z.array(z.number().int()),
  dropsPerSecond: z.array(z.number()),
  /** Omitted where nothing is counted for any of them. */
  given: GivenColumns.optional(),
})
export type MemberValues = z.infer<typeof MemberValues>

/** A kernel group (kernel-group.ts) without its lists. */
export const KernelGroupSummary = z.object({
  id: z.number().int().nonnegative(),
  members: z.number().int().nonnegative(),
  /** The sum over its members; null for UDP. */
  halfOpen: z.number().int().nonnegative().nullable(),
  closed: z.number().int().nonnegative(),
  maxSocks: z.number().int().nonnegative(),
  bindInany: z.boolean(),
  hasConns: z.boolean(),
  /** The attached program in lines of text, of which the first sums it up; null where none is attached. */
  program: z.array(z.string()).nullable(),
  /** Whether it decides; false without one, and where it can pick no member, so that the hash serves every client. */
  decides: z.boolean(),
})
export type KernelGroupSummary = z.infer<typeof KernelGroupSummary>

export const GroupChange = StreamChange.extend({
  /** null where the group was removed. */
  row: GroupRow.nullable(),
  /** Removed members. */
  left: z.array(MemberId),
  /** New members, and members whose state, holders or pollers changed. */
  joined: z.array(MemberRow),
  values: MemberValues,
  /** `groups` is null where they are unknown, for the reason beside it if there is one. Only in the last answer of a frame. */
  kernel: z
    .object({ groups: z.array(KernelGroupSummary).nullable(), unknownBecause: z.string().nullable() })
    .optional(),
  /** Since when is counted what members are given, or why it is not. Only in the last answer of a frame. */
  counting: z.object({ since: z.iso.datetime().nullable(), unknownBecause: z.string().nullable() }).optional(),
  sampler: SamplerStatus,
})
export type GroupChange = z.infer<typeof GroupChange>

/** One thing that this user can or cannot see here. */
export const PermissionCheck = z.object({
  id: z.string(),
  subject: z.string(),
  state: z.enum(['yes', 'partial', 'no', 'unknown']),
  detail: z.string(),
  hint: z.string().nullable(),
})
export type PermissionCheck = z.infer<typeof PermissionCheck>

/** Details of one process. */
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

/** Counters of a network namespace since it was made, by their names in /proc/net/snmp and /proc/net/netstat (proc(5)). */
export const NamespaceCounters = z.object({
  netns: z.number().int().nonnegative(),
  counters: z.record(z.string(), z.number()),
})
export type NamespaceCounters = z.infer<typeof NamespaceCounters>
