/** The only place where an error becomes one of the contract's typed errors. */
import type { ErrorCode, Problem } from '../../contract/errors.ts'
import { problemOfError, ReadError } from '../collect/problems.ts'
import { EngineError } from '../common/errors.ts'

/** The errors of a procedure, as passed to its handler. */
export type TypedErrors = Record<ErrorCode, (options: { message: string; data: Problem }) => Error>

/** Does `work`, which performs `operation`. Whatever it throws becomes a typed error with its problem. */
export async function withTypedErrors<T>(
  operation: string,
  errors: TypedErrors,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, message, problem } = toEngineError(operation, error)
    throw errors[code]({ message, data: problem })
  }
}

function toEngineError(operation: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  return new ReadError('SERVICE_UNAVAILABLE', problemOfError(operation, error), error)
}
