/** What the system's errors about files mean. */
import { constants } from 'node:os'

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))

/**
 * The name of the system error (errno(3)) that Node threw, as ENOSPC; null where it is none. libuv has no name for some
 * that file systems do report (EDQUOT of a quota, ESTALE of NFS): Node's `code` is then "Unknown system error -122".
 */
export function systemErrorName(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const { code, errno } = error as NodeJS.ErrnoException
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code
  return errno === undefined ? null : (NAMES.get(-errno) ?? null)
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
  ESTALE: ['its server no longer knows the file', 'Mount the file system again, or choose another place.'],
  ENOTCONN: ['its server is not there', 'Mount the file system again, or choose another place.'],
}

/** Why something failed with a file, and what to do, from what Node threw. */
export function reasonOf(error: unknown): { readonly cause: string; readonly hint: string | null } {
  const name = systemErrorName(error)
  const reason = name === null ? undefined : REASONS[name]
  if (reason !== undefined) return { cause: `${reason[0]} (${name})`, hint: reason[1] }
  return { cause: error instanceof Error ? error.message : String(error), hint: null }
}
