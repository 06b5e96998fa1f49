/**
 * Files that are whole or not there: written beside their place, flushed, then put into it in one step (rename(2),
 * link(2)). A kill at any moment leaves what was there before.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, link, lstat, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FileProblem, fileProblem } from './file-problem.ts'

/** A temporary file that nobody wrote to for so long was left by a kill. */
const ABANDONED_MS = 10 * 60_000

export type WriteOptions = {
  /** Puts it over a file that is there. Without, that is refused. */
  readonly force?: boolean
  readonly signal?: AbortSignal | undefined
  /** Told how many bytes were written so far. */
  readonly progress?: (bytes: number) => void
}

/** Where the file will stand, and the rights of the one that it replaces. */
type Place = { readonly target: string; readonly mode: number | null }

/** Finds the place. Throws a FileProblem before any work is done where writing there is known to fail. */
export async function prepare(path: string, force: boolean): Promise<Place> {
  const asked = `to write ${path}`
  const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw fileProblem(asked, error)
  })
  if (there === null) {
    await stat(dirname(path)).catch((error: unknown) => {
      throw fileProblem(`${asked} (its folder ${dirname(path)})`, error)
    })
    return { target: path, mode: null }
  }
  // Through a link: what it points to is replaced, not the link.
  const target = await realpath(path).catch((error: unknown) => {
    throw fileProblem(asked, error)
  })
  const kind = await stat(target)
  if (kind.isDirectory()) throw new FileProblem(asked, 'it is a folder (EISDIR)', 'Name a file in it.')
  if (!kind.isFile()) {
    throw new FileProblem(asked, 'it is a device, a pipe or a socket', 'Use - to write to standard output.')
  }
  if (!force) throw taken(asked)
  return { target, mode: kind.mode & 0o777 }
}

function taken(asked: string, cause?: unknown): FileProblem {
  return new FileProblem(asked, 'a file of this name already exists', 'Use --force to replace it.', cause)
}

/**
 * Writes all pieces to `path`, or nothing. Answers with the size in bytes. Throws a FileProblem, or what making a piece
 * throws; what was there stays.
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

/** A file that is written beside its place until `place` puts it there, and may be written on after that. */
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

  /** Opens the temporary file. Throws a FileProblem where that, or putting it into its place, is known to fail. */
  static async create(path: string, force: boolean): Promise<PlacedFile> {
    const asked = `to write ${path}`
    const { target, mode } = await prepare(path, force)
    await removeAbandoned(target)
    const temporary = join(dirname(target), `${temporaryPrefix(target)}${randomBytes(6).toString('hex')}.part`)
    try {
      // What replaces a private file is private from its first byte on.
      const handle = await open(temporary, 'wx', mode === null ? undefined : mode & 0o600)
      if (mode !== null) await handle.chmod(mode)
      return new PlacedFile(handle, temporary, target, asked, force)
    } catch (error) {
      throw fileProblem(asked, error)
    }
  }

  /**
   * Appends. The kernel may take less than it is given (a full disk does): all of it is written, or it throws a
   * FileProblem.
   */
  async write(piece: string | Uint8Array): Promise<void> {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    try {
      for (let at = 0; at < bytes.byteLength; ) {
        const { bytesWritten } = await this.#handle.write(bytes, at, bytes.byteLength - at)
        at += bytesWritten
      }
    } catch (error) {
      throw fileProblem(this.#asked, error)
    }
    this.bytes += bytes.byteLength
  }

  /**
   * Flushes it and puts it into its place. Without `force` by link(2), which never replaces: two savers cannot take each
   * other's name. Throws a FileProblem.
   */
  async place(): Promise<void> {
    try {
      await this.#handle.sync()
      if (this.#force) await rename(this.#temporary, this.#target)
      else await this.#link()
    } catch (error) {
      throw fileProblem(this.#asked, error)
    }
    this.#placed = true
    await flushFolder(dirname(this.#target))
  }

  async #link(): Promise<void> {
    try {
      await link(this.#temporary, this.#target)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') throw taken(this.#asked, error)
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'EMLINK') throw error
      // A file system without links (FAT): taking the name first is the nearest there is.
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

  /** Ends it; what was placed stays. */
  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** Ends it and removes the temporary file; what was placed stays. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    if (!this.#placed) await rm(this.#temporary, { force: true }).catch(() => undefined)
  }
}

/** Makes the name itself durable. Some file systems cannot flush a folder: then the name is as safe as they make it. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The file itself is flushed; there is nothing to take back.
  }
}

/** Temporary files of one name begin so: not with the name itself, which may be as long as a name can be. */
function temporaryPrefix(path: string): string {
  return `.reuseport-inspector-${createHash('sha256').update(basename(path)).digest('hex').slice(0, 12)}-`
}

/** What a kill left of an earlier writing of this name. */
async function removeAbandoned(path: string): Promise<void> {
  const folder = dirname(path)
  const prefix = temporaryPrefix(path)
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{12}\.part$/.test(name.slice(prefix.length))) continue
    const place = join(folder, name)
    const age = await lstat(place).then(
      (status) => Date.now() - status.mtimeMs,
      () => 0,
    )
    if (age > ABANDONED_MS) await rm(place, { force: true }).catch(() => undefined)
  }
}
