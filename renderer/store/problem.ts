/** What went wrong, in the three parts that a person needs, whatever was thrown. */
import { ORPCError } from '@orpc/client'
import { Problem } from '../../electron/contract/errors.ts'

const LOST = 'the connection was lost before the answer came'

/** The engine's own words where the error carries them; else `asked` and what the error says. */
export function problemOf(error: unknown, asked: string): Problem {
  if (error instanceof ORPCError) {
    const problem = Problem.safeParse(error.data)
    if (problem.success) return problem.data
  }
  // What oRPC says of a question that was open when its channel ended is about its own queue.
  if (error instanceof Error && error.name === 'AbortError')
    return { asked, happened: LOST, remedy: 'Try again when the engine answers.' }
  return { asked, happened: error instanceof Error ? error.message : String(error), remedy: null }
}
