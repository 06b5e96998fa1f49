/** What can be wrong with a file. */
import { EngineError } from '../common/errors.ts'

/** A file that cannot be read or written. */
export class FileError extends EngineError {
  override name = 'FileError'

  constructor(operation: string, cause: string, hint: string | null, error?: unknown) {
    super('UNPROCESSABLE_CONTENT', { operation, cause, hint }, error)
  }
}

const REASONS: Readonly<Record<string, readonly [cause: string, hint: string | null]>> = {
  ENOENT: ['there is no such file or directory', 'Check the spelling of the path.'],
  ENOTDIR: ['part of the path is not a directory', 'Check the spelling of the path.'],
  EISDIR: ['it is a directory', 'Name a file in it.'],
  EACCES: ['permission denied', 'Choose another place, or change the permissions.'],
  EPERM: ['permission denied', 'Choose another place, or change the permissions.'],
  EROFS: ['the file system is read-only', 'Choose another place.'],
  ENOSPC: ['the disk is full', 'Free some space or choose another place.'],
  EDQUOT: ['the disk quota is used up', 'Free some space or choose another place.'],
  EFBIG: ['it is larger than a file can be here', 'Choose another place, or save it compressed (.json.gz).'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter name.'],
  ELOOP: ['its symbolic links form a loop', 'Name the file itself.'],
  EMFILE: ['no file descriptor is left', 'Raise the limit (ulimit -n).'],
  EIO: ['the disk failed', null],
}

/** The problem for a system error during `operation`. */
export function toFileError(operation: string, error: unknown): FileError {
  if (error instanceof FileError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = REASONS[code]
  if (reason !== undefined) return new FileError(operation, `${reason[0]} (${code})`, reason[1], error)
  return new FileError(operation, error instanceof Error ? error.message : String(error), null, error)
}
