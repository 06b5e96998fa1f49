/** The engine at the other end cannot be reached, or not any more. In a file of its own: telling it needs no zod. */
import type { Problem } from '../../contract/errors.ts'

export class Unreachable extends Error {
  override name = 'Unreachable'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(`${problem.operation}: ${problem.cause}`)
    this.problem = problem
  }
}

/** `reason`: as the end of a sentence. */
export function connectionLost(reason: string): Unreachable {
  return new Unreachable({ operation: 'the connection was lost', cause: reason, hint: null })
}
