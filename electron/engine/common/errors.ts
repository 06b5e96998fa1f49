/** The errors that the engine explains to the user. api/typed-errors.ts turns them into the contract's typed errors. */
import type { ErrorCode, Problem } from '../../contract/errors.ts'

/** The operation, its cause, and a hint. */
export class EngineError extends Error {
  override name = 'EngineError'
  readonly code: ErrorCode
  readonly problem: Problem

  constructor(code: ErrorCode, problem: Problem, cause?: unknown) {
    super(`${problem.operation}: ${problem.cause}`, { cause })
    this.code = code
    this.problem = problem
  }
}
