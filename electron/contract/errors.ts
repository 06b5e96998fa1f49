/** What can go wrong between a front and the engine, each with what was asked, what came back and what to do. */
import { z } from 'zod'

/** A failure in words that a person can act on. */
export const Problem = z.object({
  /** What was asked, as a phrase: "all TCP and UDP sockets of namespace web". */
  asked: z.string(),
  /** What came back: "the kernel refused (EPERM)". */
  happened: z.string(),
  /** What to do about it; null where nothing helps. */
  remedy: z.string().nullable(),
  /** Name of the part of the input that it concerns, where it concerns one: a form says it beside that field. */
  field: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>

/** The typed errors of every procedure. The status follows HTTP, the message is one sentence. */
export const errors = {
  /** The group, namespace or file that was named is not there. */
  NOT_FOUND: { status: 404, data: Problem },
  /** The kernel refuses this user. */
  FORBIDDEN: { status: 403, data: Problem },
  /** The request has the right shape and cannot be meant: a family that does not fit, a port that several groups use. */
  UNPROCESSABLE_CONTENT: { status: 422, data: Problem },
  /** This kernel or this machine cannot answer. */
  NOT_IMPLEMENTED: { status: 501, data: Problem },
  /** It failed this time. */
  SERVICE_UNAVAILABLE: { status: 503, data: Problem },
} as const
