/** What can be wrong with a file: the operation, its cause, and a hint. */
import type { Problem } from '../../contract/errors.ts'

/** A file that cannot be read or written. */
export class FileProblem extends Error {
  readonly data: Problem

  constructor(asked: string, happened: string, remedy: string | null, cause?: unknown) {
    super(`${asked}: ${happened}`, { cause })
    this.name = 'FileProblem'
    this.data = { asked, happened, remedy }
  }
}

const REASONS: Readonly<Record<string, readonly [happened: string, remedy: string | null]>> = {
  ENOENT: ['there is no such file or directory', 'Check the spelling of the path.'],
  ENOTDIR: ['part of the path is not a directory', 'Check the spelling of the path.'],
  EISDIR: ['it is a directory', 'Name a file in it.'],
  EACCES: ['permission denied', 'Choose another place, or change the permissions.'],
  EPERM: ['permission denied', 'Choose another place, or change the permissions.'],
  EROFS: ['the file system is read-only', 'Choose another place.'],
  ENOSPC: ['the disk is full', 'Free some space or choose another place. Any previous file is unchanged.'],
  EDQUOT: ['the disk quota is used up', 'Free some space or choose another place. Any previous file is unchanged.'],
  EFBIG: ['it is larger than a file can be here', 'Choose another place, or save it compressed (.json.gz).'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter name.'],
  ELOOP: ['its symbolic links form a loop', 'Name the file itself.'],
  EMFILE: ['no file descriptor is left', 'Raise the limit (ulimit -n).'],
  EIO: ['the disk failed', null],
}

/** The problem for a system error during `asked`. */
export function fileProblem(asked: string, error: unknown): FileProblem {
  if (error instanceof FileProblem) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = REASONS[code]
  if (reason !== undefined) return new FileProblem(asked, `${reason[0]} (${code})`, reason[1], error)
  return new FileProblem(asked, error instanceof Error ? error.message : String(error), null, error)
}
