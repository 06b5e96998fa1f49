/** What can be wrong with a file. */
import { EngineError } from '../common/errors.ts'
import { reasonOf } from '../common/system-error.ts'

/** A file that cannot be read or written. */
export class FileError extends EngineError {
  override name = 'FileError'

  constructor(operation: string, cause: string, hint: string | null, error?: unknown) {
    super('UNPROCESSABLE_CONTENT', { operation, cause, hint }, error)
  }
}

/** The problem for a system error during `operation`. */
export function toFileError(operation: string, error: unknown): FileError {
  if (error instanceof FileError) return error
  const { cause, hint } = reasonOf(error)
  return new FileError(operation, cause, hint, error)
}
