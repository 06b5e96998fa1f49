/** Which client went to which member of a group: a sample of what members are given, taken by BPF. */
import { z } from 'zod'
import { list } from './list.ts'

/** One client at one member. */
export const RecentFlow = z.object({
  /** When it was last sampled. */
  at: z.iso.datetime(),
  /** The client's. */
  address: z.string(),
  port: z.number().int().min(0).max(65_535),
  /** SO_COOKIE of the member. */
  cookie: z.string().regex(/^\d{1,20}$/),
  /** How many of its connections or datagrams were sampled at this member. */
  sampled: z.number().int().positive(),
})
export type RecentFlow = z.infer<typeof RecentFlow>

export const RecentFlows = z.object({
  /** When sampling began. It ends when nobody has asked for ten seconds. */
  since: z.iso.datetime(),
  /** Connections or datagrams that the receiving members were given since then. */
  given: z.number().int().nonnegative(),
  /** Of these, how many were sampled: at most 32 per second and member, and 5,000 on the machine between two readings. */
  sampled: z.number().int().nonnegative(),
  /** The latest first, at most 100. */
  flows: list(RecentFlow),
})
export type RecentFlows = z.infer<typeof RecentFlows>

/** Of a group, now. `recent` is null where nothing can be sampled, for the reason beside it. */
export const FlowsAnswer = z.object({ recent: RecentFlows.nullable(), unknownBecause: z.string().nullable() })
export type FlowsAnswer = z.infer<typeof FlowsAnswer>
