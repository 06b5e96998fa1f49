/**
 * Files that are complete or not there: written beside their place, flushed, then moved into it in one step (rename(2),
 * link(2)). A kill at any moment leaves the previous state.
 */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, link, lstat, open, readlink, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute } from 'node:path'
import { removeAbandoned, temporaryName } from '../common/temporary-files.ts'
import { FileError, toFileError } from './file-error.ts'

const ROOT = 0

export type WriteOptions = {
  /** Replaces an existing file, which is refused otherwise. */
  readonly force?: boolean
  readonly signal?: AbortSignal | undefined
  /** Called with the number of bytes written so far. */
  readonly progress?: (bytes: number) => void
}

/** The final path of the file, and its permissions. */
type Place = { readonly target: string; readonly mode: number }

/** A snapshot describes a machine: only the user who took it can read it, until they share it. */
const PRIVATE = 0o600
/** Links in a row, as in the kernel (path_resolution(7)). */
const MAX_LINKS = 40
/** What link(2) fails with on a file system without hard links: FAT, FUSE (ENOSYS from older kernels). */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'])

/** Finds the place. Throws a FileError before any work is done where writing there is known to fail. */
export async function prepare(path: string, force: boolean): Promise<Place> {
  const asked = `writing ${path}`
  const { target, status } = await followed(asked, path)
  if (status === null) {
    await stat(dirname(target)).catch((error: unknown) => {
      throw toFileError(`${asked} (in directory ${dirname(target)})`, error)
    })
    return { target, mode: PRIVATE }
  }
  if (status.isDirectory()) throw new FileError(asked, 'it is a directory (EISDIR)', 'Name a file in it.')
  if (!status.isFile()) {
    throw new FileError(asked, 'it is a device, a pipe or a socket', 'Use - to write to standard output.')
  }
  if (!force) throw taken(asked)
  // The owner of a previous file does not decide who can read the new one.
  return { target, mode: status.uid === process.geteuid?.() ? status.mode & 0o777 : PRIVATE }
}

/**
 * The file that links lead to, and what is there. Links of this user and of root are followed, as by a shell's `>`.
 * Those of other users are refused: they would choose the file that is replaced, and fs.protected_symlinks does not
 * cover rename(2).
 */
async function followed(asked: string, path: string): Promise<{ target: string; status: Stats | null }> {
  let target = path
  for (let links = 0; links <= MAX_LINKS; links++) {
    const status = await lstat(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw toFileError(asked, error)
    })
    if (!status?.isSymbolicLink()) return { target, status }
    if (status.uid !== process.geteuid?.() && status.uid !== ROOT) {
      throw new FileError(
        asked,
        `${target} is a symbolic link of another user (uid ${status.uid})`,
        'Remove it, or name the file that it points to.',
      )
    }
    const to = await readlink(target).catch((error: unknown) => {
      throw toFileError(asked, error)
    })
    // Not `join`, which resolves `..` before the kernel can follow the directory before it.
    target = isAbsolute(to) ? to : `${dirname(target)}/${to}`
  }
  throw new FileError(asked, 'its symbolic links form a loop (ELOOP)', 'Name the file itself.')
}

function taken(asked: string, cause?: unknown): FileError {
  return new FileError(asked, 'a file of this name already exists', 'Use --force to replace it.', cause)
}

/**
 * Writes all chunks to `path`, or nothing. Returns the size in bytes. Throws a FileError, or what making a chunk
 * throws; a previous file stays.
 */
export async function writeWhole(
  path: string,
  pieces: AsyncIterable<string | Uint8Array>,
  options: WriteOptions = {},
): Promise<number> {
  const file = await PlacedFile.create(path, options.force === true)
  try {
    for await (const piece of pieces) {
      options.signal?.throwIfAborted()
      await file.write(piece)
      options.progress?.(file.bytes)
    }
    options.signal?.throwIfAborted()
    await file.place()
  } catch (error) {
    await file.abandon()
    throw error
  }
  await file.close()
  return file.bytes
}

/** A file that is written beside its place until `place` moves it there, and that can be written on after that. */
export class PlacedFile {
  bytes = 0
  readonly #handle: FileHandle
  readonly #temporary: string
  readonly #target: string
  readonly #asked: string
  readonly #force: boolean
  #placed = false

  private constructor(handle: FileHandle, temporary: string, target: string, asked: string, force: boolean) {
    this.#handle = handle
    this.#temporary = temporary
    this.#target = target
    this.#asked = asked
    this.#force = force
  }

  /** Opens the temporary file. Throws a FileError where that, or moving it into its place, is known to fail. */
  static async create(path: string, force: boolean): Promise<PlacedFile> {
    const asked = `writing ${path}`
    const { target, mode } = await prepare(path, force)
    await removeAbandoned(dirname(target))
    const temporary = `${dirname(target)}/${temporaryName(basename(target))}`
    try {
      // Private from its first byte on, whatever its final permissions.
      const handle = await open(temporary, 'wx', mode & PRIVATE)
      await handle.chmod(mode)
      return new PlacedFile(handle, temporary, target, asked, force)
    } catch (error) {
      throw toFileError(asked, error)
    }
  }

  /**
   * Opens a file of this user that was placed before, to be written on after its first `bytes`; the rest is cut off.
   * Throws a FileError.
   */
  static async reopen(path: string, bytes: number): Promise<PlacedFile> {
    const asked = `writing ${path}`
    const { target } = await prepare(path, true)
    try {
      const handle = await open(target, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW)
      const file = new PlacedFile(handle, target, target, asked, true)
      file.#placed = true
      file.bytes = bytes
      await handle.truncate(bytes)
      return file
    } catch (error) {
      throw toFileError(asked, error)
    }
  }

  /**
   * Appends. The kernel may write less than it is given (a full disk does): all of it is written, or none of it and a
   * FileError is thrown.
   */
  async write(piece: string | Uint8Array): Promise<void> {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    try {
      for (let at = 0; at < bytes.byteLength; ) {
        const { bytesWritten } = await this.#handle.write(bytes, at, bytes.byteLength - at)
        at += bytesWritten
      }
    } catch (error) {
      // Where even this fails, readers of a recording stop at the incomplete line.
      if (this.#placed) await this.#handle.truncate(this.bytes).catch(() => undefined)
      throw this.#failure(error)
    }
    this.bytes += bytes.byteLength
  }

  /**
   * Flushes it and moves it into its place. Without `force` by link(2), which never replaces: two writers cannot take
   * each other's name. Throws a FileError.
   */
  async place(): Promise<void> {
    try {
      await this.#handle.sync()
      if (this.#force) await rename(this.#temporary, this.#target)
      else await this.#link()
    } catch (error) {
      throw this.#failure(error)
    }
    this.#placed = true
    await flushFolder(dirname(this.#target))
  }

  /** The error, and what happened to the file. */
  #failure(error: unknown): FileError {
    if (error instanceof FileError) return error
    const { operation, cause, hint } = toFileError(this.#asked, error).problem
    const kept = this.#placed ? 'What was written before is kept.' : 'Any previous file is unchanged.'
    return new FileError(operation, cause, hint === null ? kept : `${hint} ${kept}`, error)
  }

  async #link(): Promise<void> {
    try {
      await link(this.#temporary, this.#target)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') throw taken(this.#asked, error)
      if (code === undefined || !NO_LINKS.has(code)) throw error
      // Taking the name first comes closest.
      const reserved = await open(this.#target, 'wx').catch((reason: NodeJS.ErrnoException) => {
        throw reason.code === 'EEXIST' ? taken(this.#asked, reason) : reason
      })
      await reserved.close()
      await rename(this.#temporary, this.#target)
      return
    }
    await rm(this.#temporary)
  }

  /** Flushes what was written after `place`. */
  async flush(): Promise<void> {
    await this.#handle.datasync()
  }

  /** Closes it; a placed file stays. */
  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** Closes it and removes the temporary file; a placed file stays. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    if (!this.#placed) await rm(this.#temporary, { force: true }).catch(() => undefined)
  }
}

/** Makes the name itself durable. Some file systems cannot flush a directory: then they decide how durable it is. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The file itself is flushed; nothing has to be undone.
  }
}
