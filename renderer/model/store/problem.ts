/** Turns anything thrown into a problem in three parts. */
import { ORPCError } from '@orpc/client'
import type { Problem } from '../../../electron/contract/errors.ts'
import { isProblem } from '../../../electron/contract/is-problem.ts'

const LOST = 'the connection was lost before the answer came'

/** The engine's own problem if the error carries one; otherwise `asked` and the error's message. */
export function problemOf(error: unknown, asked: string): Problem {
  if (error instanceof ORPCError && isProblem(error.data)) return error.data
  // oRPC's message for a request that was open when its channel closed is about its own queue.
  if (error instanceof Error && error.name === 'AbortError')
    return { operation: asked, cause: LOST, hint: 'Try again when the engine answers.' }
  return { operation: asked, cause: error instanceof Error ? error.message : String(error), hint: null }
}
