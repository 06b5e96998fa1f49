/** The engine's errors, each with what failed, why, and what to do. */
import { z } from 'zod'

/** A failure described for the user. */
export const Problem = z.object({
  /** What failed, as a phrase: "all TCP and UDP sockets of namespace web". */
  operation: z.string(),
  /** Why: "the kernel refused (EPERM)". */
  cause: z.string(),
  /** What to do; null where nothing helps. */
  hint: z.string().nullable(),
  /** The input field that caused it, if one did: a form shows the error beside that field. */
  field: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>

/** The typed errors of every procedure. The status follows HTTP, the message is one sentence. */
export const errors = {
  /** The requested group, namespace or file does not exist. */
  NOT_FOUND: { status: 404, data: Problem },
  /** The kernel refuses this user. */
  FORBIDDEN: { status: 403, data: Problem },
  /** The request is well-formed but invalid: mixed address families, a port that several groups use. */
  UNPROCESSABLE_CONTENT: { status: 422, data: Problem },
  /** Not supported by this kernel or machine. */
  NOT_IMPLEMENTED: { status: 501, data: Problem },
  /** A temporary failure. */
  SERVICE_UNAVAILABLE: { status: 503, data: Problem },
} as const

/** The codes of the typed errors. */
export type ErrorCode = keyof typeof errors
