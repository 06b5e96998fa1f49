/** Files in transfer between a page and the engine, chunk by chunk: a page has no access to the engine's disk. */
import { randomBytes } from 'node:crypto'
import { MAX_CHUNK_CHARACTERS } from '../../contract/constants.ts'
import { READ_LIMITS } from './file-bytes.ts'
import { FileError } from './file-error.ts'

/** Concurrent uploads, and downloads; the oldest is dropped for a new one. */
const MOST = 4
/** A transfer without a request for this long is dropped. */
const TIMEOUT_MS = 60_000
const PIECE_BYTES = Math.floor(MAX_CHUNK_CHARACTERS / 4) * 3

type Waiting = { timer: NodeJS.Timeout }

/** Items that are dropped when no one requests them. */
class ExpiringMap<T> {
  readonly #kept = new Map<string, T & Waiting>()
  readonly #left: (thing: T) => void

  constructor(left: (thing: T) => void) {
    this.#left = left
  }

  put(thing: T): string {
    const id = randomBytes(16).toString('hex')
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < MOST) break
      this.remove(oldest)
    }
    this.#kept.set(id, { ...thing, timer: this.#timeoutMs(id) })
    return id
  }

  get(id: string): (T & Waiting) | null {
    const thing = this.#kept.get(id)
    if (thing === undefined) return null
    clearTimeout(thing.timer)
    thing.timer = this.#timeoutMs(id)
    return thing
  }

  remove(id: string): void {
    const thing = this.#kept.get(id)
    if (thing === undefined) return
    clearTimeout(thing.timer)
    this.#kept.delete(id)
    this.#left(thing)
  }

  clear(): void {
    for (const id of [...this.#kept.keys()]) this.remove(id)
  }

  #timeoutMs(id: string): NodeJS.Timeout {
    return setTimeout(() => this.remove(id), TIMEOUT_MS).unref()
  }
}

export class TransferManager {
  readonly #uploads = new ExpiringMap<{ chunks: Uint8Array[]; size: { bytes: number } }>(() => undefined)
  readonly #downloads = new ExpiringMap<{ pieces: AsyncGenerator<string> }>(
    ({ pieces }) => void pieces.return(undefined),
  )

  /**
   * Takes one chunk; returns the whole file after the last, null before. Throws a FileError where it is too large, or
   * unknown.
   */
  upload(id: string | null, bytes: string, last: boolean): { id: string; whole: Uint8Array[] | null; size: number } {
    const known = id ?? this.#uploads.put({ chunks: [], size: { bytes: 0 } })
    const upload = this.#uploads.get(known)
    if (upload === null) throw new FileError('opening a file', 'transfer timed out', 'Open it again.')
    const chunk = Buffer.from(bytes, 'base64')
    upload.size.bytes += chunk.byteLength
    if (upload.size.bytes > READ_LIMITS.file) {
      this.#uploads.remove(known)
      throw new FileError('opening a file', `it has more than ${READ_LIMITS.file >> 20} MiB`, 'Save fewer groups.')
    }
    upload.chunks.push(chunk)
    if (!last) return { id: known, whole: null, size: upload.size.bytes }
    this.#uploads.remove(known)
    return { id: known, whole: upload.chunks, size: upload.size.bytes }
  }

  /** Starts a download; nothing is produced before it is requested. */
  download(content: AsyncIterable<string | Uint8Array>): string {
    return this.#downloads.put({ pieces: inPieces(content) })
  }

  /** The next chunk in base64, null after the last; undefined for an unknown download. */
  async piece(id: string): Promise<string | null | undefined> {
    const download = this.#downloads.get(id)
    if (download === null) return undefined
    const next = await download.pieces.next()
    if (!next.done) return next.value
    this.#downloads.remove(id)
    return null
  }

  /** Drops all transfers. */
  close(): void {
    this.#uploads.clear()
    this.#downloads.clear()
  }
}

async function* inPieces(content: AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  let waiting: Uint8Array[] = []
  let size = 0
  for await (const piece of content) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    waiting.push(bytes)
    size += bytes.byteLength
    while (size >= PIECE_BYTES) {
      const all = Buffer.concat(waiting)
      yield all.subarray(0, PIECE_BYTES).toString('base64')
      waiting = [all.subarray(PIECE_BYTES)]
      size = all.byteLength - PIECE_BYTES
    }
  }
  if (size > 0) yield Buffer.concat(waiting).toString('base64')
}
