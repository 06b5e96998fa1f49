/** What the engine remembers of queues and losses, in steps of time. */
import { z } from 'zod'
import { GroupId, MemberId } from './model.ts'

const Milliseconds = z.number().int().nonnegative()

/** Consecutive steps of one length. Times in milliseconds since 1970. */
export const HistorySteps = z.object({
  /** Start of the first step. */
  from: Milliseconds,
  stepMs: z.number().int().positive(),
  /** For each step the highest utilization in thousandths of the limit; -1: unknown, -2: nothing was read. */
  utilization: z.array(z.number().int()),
  /** For each step what was lost, by the difference of the kernel's counters; -1: unknown. */
  lost: z.array(z.number().int()),
})
export type HistorySteps = z.infer<typeof HistorySteps>

/** A part of the past in which nothing was read: the engine was paused, or the machine slept. */
export const Gap = z.object({ from: Milliseconds, to: Milliseconds })
export type Gap = z.infer<typeof Gap>

/** A change of a group's number of members that receive. */
export const MembershipChange = z.object({
  at: Milliseconds,
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
})
export type MembershipChange = z.infer<typeof MembershipChange>

/** The history of a group. Older steps are longer. Empty where the queue was always empty and nothing was lost. */
export const GroupHistory = z.object({
  steps: z.array(HistorySteps),
  /** Of groups of up to 64 members; the utilization in a group's steps is that of its fullest member. */
  members: z.array(z.object({ id: MemberId, steps: z.array(HistorySteps) })),
  gaps: z.array(Gap),
  /** The oldest first. A change that was undone between two refreshes is not seen. */
  membership: z.array(MembershipChange),
  /** Lost since this engine began to watch the group. */
  lost: z.number().int().nonnegative(),
})
export type GroupHistory = z.infer<typeof GroupHistory>

/** The histories of several groups, without their members. */
export const GroupHistories = z.object({
  groups: z.array(z.object({ id: GroupId, steps: z.array(HistorySteps) })),
  gaps: z.array(Gap),
})
export type GroupHistories = z.infer<typeof GroupHistories>

/** What remembering takes. */
export const HistoryUsage = z.object({
  bytes: z.number().int().nonnegative(),
  /** Never more than this. */
  maxBytes: z.number().int().positive(),
  spanMs: z.number().int().positive(),
  /** The length of the finest step: longer with more groups. */
  stepMs: z.number().int().positive(),
  groups: z.number().int().nonnegative(),
  members: z.number().int().nonnegative(),
  events: z.number().int().nonnegative(),
})
export type HistoryUsage = z.infer<typeof HistoryUsage>
