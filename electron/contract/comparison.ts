/** What differs between two snapshots: as data, and in words. Made by engine/snapshots/compare.ts. */
import { z } from 'zod'
import { Evidence, Finding, GroupKey, Holder, Member, Queue, Redaction, Sharing } from './model.ts'

export const COMPARISON_SCHEMA = 'reuseport-inspector/comparison/1'

/** Where and when one of the two was taken. */
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

/** A member on one side, as the comparison needs to name it. */
export const ComparedMember = z.object({
  cookie: Member.shape.cookie,
  inode: z.number().int().nonnegative(),
  holders: z.array(Holder).nullable(),
  queue: Queue,
  drops: z.number().int().nullable(),
})
export type ComparedMember = z.infer<typeof ComparedMember>

/** A member that is in both, and is not what it was. */
export const MemberComparison = z.object({
  cookie: Member.shape.cookie,
  inode: z.number().int().nonnegative(),
  /** Held by other programs than before. null: the same, or not known on both sides. */
  owner: changeOf(z.array(HoldingCommand)).nullable(),
  /** Held by other processes of the same programs: a reload. */
  generation: changeOf(z.array(z.number().int())).nullable(),
  queue: changeOf(Queue).nullable(),
  /** Lost between the two. null: not known, or the counter went backwards. */
  dropped: z.number().int().nonnegative().nullable(),
})
export type MemberComparison = z.infer<typeof MemberComparison>

export const GroupComparison = z.object({
  change: z.enum(['came', 'went', 'changed']),
  /** As it is after; as it was before where it went. */
  key: GroupKey,
  /** The id before, where it is another one: another machine or another boot. */
  idBefore: z.string().nullable(),
  /** Members that receive. */
  members: z.object({ before: z.number().int(), after: z.number().int() }),
  /** Sockets that came and went. Empty between two machines or boots: cookies mean nothing there. */
  came: z.array(ComparedMember),
  went: z.array(ComparedMember),
  changed: z.array(MemberComparison),
  owners: z.object({ before: z.array(HoldingCommand), after: z.array(HoldingCommand) }),
  /** Other programs hold it. null: the same, or not known on both sides. */
  owner: changeOf(z.array(HoldingCommand)).nullable(),
  /** Other processes of the same programs hold it: start time of the newest on each side. */
  generation: changeOf(z.iso.datetime().nullable()).nullable(),
  sharing: changeOf(Sharing).nullable(),
  evidence: changeOf(Evidence).nullable(),
  user: changeOf(z.string().nullable()).nullable(),
  queue: changeOf(Queue),
  /** The fullest member on each side; null where no member receives or no length is known. */
  fullest: z.object({ before: Queue.nullable(), after: Queue.nullable() }),
  /** Difference of the whole queue's length a second. null without a common clock or a known length. */
  queuePerSecond: z.number().nullable(),
  /** Lost between the two by members that are there after. null: not known. */
  dropped: z.number().int().nonnegative().nullable(),
  droppedPerSecond: z.number().nonnegative().nullable(),
  /** What happened, a sentence each, the weightiest first. */
  words: z.array(z.string()),
})
export type GroupComparison = z.infer<typeof GroupComparison>

export const Comparison = z.object({
  schema: z.literal(COMPARISON_SCHEMA),
  before: ComparedSnapshot,
  after: ComparedSnapshot,
  /** `identity`: one boot of one machine; groups and members by id. `endpoint`: two of them; groups by what clients connect to. */
  matchedBy: z.enum(['identity', 'endpoint']),
  /** Milliseconds from the first to the second; negative when the second is older. */
  elapsedMs: z.number(),
  groups: z.array(GroupComparison),
  /** Groups in which nothing but queues moved, and those by less than is worth telling. */
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
  /** The whole in a few sentences. */
  words: z.array(z.string()),
})
export type Comparison = z.infer<typeof Comparison>
