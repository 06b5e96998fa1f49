/** The differences between two snapshots: as data and as sentences. Made by engine/snapshots/compare.ts. */
import { z } from 'zod'
import { Evidence, Finding, GroupKey, Holder, Member, Queue, Redaction, Sharing } from './model.ts'

export const COMPARISON_SCHEMA = 'reuseport-inspector/comparison/1'

/** Where and when a snapshot was taken. */
export const ComparedSnapshot = z.object({
  takenAt: z.iso.datetime(),
  hostname: z.string(),
  bootId: z.string().nullable(),
  groups: z.number().int(),
  sockets: z.number().int(),
  redacted: z.array(Redaction),
})
export type ComparedSnapshot = z.infer<typeof ComparedSnapshot>

function changeOf<T extends z.ZodType>(value: T) {
  return z.object({ before: value, after: value })
}

/** Processes of one command that hold members of a group. */
export const HoldingCommand = z.object({ command: z.string(), processes: z.number().int() })
export type HoldingCommand = z.infer<typeof HoldingCommand>

/** A member on one side. */
export const ComparedMember = z.object({
  cookie: Member.shape.cookie,
  inode: z.number().int().nonnegative(),
  holders: z.array(Holder).nullable(),
  queue: Queue,
  drops: z.number().int().nullable(),
})
export type ComparedMember = z.infer<typeof ComparedMember>

/** A member that is on both sides and changed. */
export const MemberComparison = z.object({
  cookie: Member.shape.cookie,
  inode: z.number().int().nonnegative(),
  /** Held by other programs than before. null: unchanged, or not known on both sides. */
  owner: changeOf(z.array(HoldingCommand)).nullable(),
  /** Held by other processes of the same programs: a reload. */
  generation: changeOf(z.array(z.number().int())).nullable(),
  queue: changeOf(Queue).nullable(),
  /** Drops between the two. null: unknown, or the counter decreased. */
  dropped: z.number().int().nonnegative().nullable(),
})
export type MemberComparison = z.infer<typeof MemberComparison>

export const GroupComparison = z.object({
  change: z.enum(['added', 'removed', 'changed']),
  /** As in the later snapshot; as in the earlier one for a removed group. */
  key: GroupKey,
  /** The earlier id, where it differs: another machine or boot. */
  idBefore: z.string().nullable(),
  /** Members that receive. */
  members: z.object({ before: z.number().int(), after: z.number().int() }),
  /** Sockets added and removed. Empty between two machines or boots, where cookies cannot be compared. */
  added: z.array(ComparedMember),
  removed: z.array(ComparedMember),
  changed: z.array(MemberComparison),
  owners: z.object({ before: z.array(HoldingCommand), after: z.array(HoldingCommand) }),
  /** Held by other programs than before. null: unchanged, or not known on both sides. */
  owner: changeOf(z.array(HoldingCommand)).nullable(),
  /** Held by other processes of the same programs: start time of the newest on each side. */
  generation: changeOf(z.iso.datetime().nullable()).nullable(),
  sharing: changeOf(Sharing).nullable(),
  evidence: changeOf(Evidence).nullable(),
  user: changeOf(z.string().nullable()).nullable(),
  queue: changeOf(Queue),
  /** The fullest member on each side; null where no member receives or no length is known. */
  fullest: z.object({ before: Queue.nullable(), after: Queue.nullable() }),
  /** Change of the total queue length per second. null without a common clock or a known length. */
  queuePerSecond: z.number().nullable(),
  /** Drops between the two of members in the later snapshot. null: unknown. */
  dropped: z.number().int().nonnegative().nullable(),
  droppedPerSecond: z.number().nonnegative().nullable(),
  /** What changed, one sentence each, the most important first. */
  summary: z.array(z.string()),
})
export type GroupComparison = z.infer<typeof GroupComparison>

export const Comparison = z.object({
  schema: z.literal(COMPARISON_SCHEMA),
  before: ComparedSnapshot,
  after: ComparedSnapshot,
  /**
   * `identity`: the same boot of one machine; groups and members matched by id. `endpoint`: otherwise; groups matched
   * by endpoint.
   */
  matchedBy: z.enum(['identity', 'endpoint']),
  /** Milliseconds from the first to the second; negative where the second is older. */
  elapsedMs: z.number(),
  groups: z.array(GroupComparison),
  /** Groups without changes other than insignificant ones of queues. */
  unchanged: z.number().int(),
  raised: z.array(Finding),
  cleared: z.array(Finding),
  sysctls: z.array(
    z.object({
      name: z.string(),
      before: z.union([z.number(), z.string()]).nullable(),
      after: z.union([z.number(), z.string()]).nullable(),
    }),
  ),
  /** The comparison in a few sentences. */
  summary: z.array(z.string()),
})
export type Comparison = z.infer<typeof Comparison>
