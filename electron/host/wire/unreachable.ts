/** The engine at the other end cannot be reached, or not any more. In a file of its own: telling it needs no zod. */
import type { Problem } from '../../contract/errors.ts'

export class Unreachable extends Error {
  override name = 'Unreachable'
  readonly problem: Problem
  /** What the other side said, in its own words, if it said anything; the problem contains it too. */
  readonly said: string | null

  constructor(problem: Problem, said: string | null = null) {
    super(`${problem.operation}: ${problem.cause}`)
    this.problem = problem
    this.said = said
  }
}

/** `reason`: as the end of a sentence. */
export function connectionLost(reason: string): Unreachable {
  return new Unreachable({ operation: 'the connection was lost', cause: reason, hint: null })
}
