/** The bytes of a file, decompressed where needed (known by the first two bytes, not by the name), and limited. */

import { constants as files } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip } from 'node:zlib'
import { FileError, toFileError } from './file-error.ts'

export type ReadLimits = {
  /** Bytes of a file. */
  readonly file: number
  /** Bytes of JSON, after decompression. A million sockets are about 400 MB. */
  readonly text: number
}
export const READ_LIMITS: ReadLimits = { file: 512 << 20, text: 500 << 20 }

/** The bytes of a file, `piece` at a time. Throws a FileError where it is no regular file, or too large. */
export async function* fileBytes(
  path: string,
  limits: ReadLimits = READ_LIMITS,
  piece = 1 << 20,
): AsyncGenerator<Uint8Array> {
  let handle: FileHandle
  try {
    // Without waiting for a writer where it is a pipe: that is reported below.
    handle = await open(path, files.O_RDONLY | files.O_NONBLOCK)
  } catch (error) {
    throw toFileError(`opening ${path}`, error)
  }
  try {
    const status = await handle.stat()
    if (status.isDirectory()) throw new FileError(`opening ${path}`, 'it is a directory (EISDIR)', 'Name a file in it.')
    if (!status.isFile()) {
      throw new FileError(`opening ${path}`, 'it is a device, a pipe or a socket', 'Use - to read standard input.')
    }
    if (status.size > limits.file) throw tooLarge(`opening ${path}`, status.size, limits.file)
    yield* handle.createReadStream({ autoClose: false, highWaterMark: piece })
  } finally {
    await handle.close()
  }
}

/**
 * The decompressed bytes, as they come. Truncated compressed data just ends, after everything before the cut was given:
 * a stream that fails would hold back what was not read yet. The truncation shows in the text. Throws a FileError
 * where the data is damaged, or too large.
 */
export async function* textBytes(
  operation: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits = READ_LIMITS,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of decompressed(operation, bytes, limits)) {
    size += chunk.byteLength
    if (size > limits.text) throw tooLarge(operation, null, limits.text)
    yield chunk
  }
}

async function* decompressed(
  operation: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
): AsyncGenerator<Uint8Array> {
  const source = bounded(operation, bytes, limits)[Symbol.asyncIterator]()
  try {
    const first = await source.next()
    if (first.done) throw damaged(operation, 'it is empty')
    const rest: AsyncIterable<Uint8Array> = {
      async *[Symbol.asyncIterator]() {
        yield first.value
        for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
      },
    }
    if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* inflated(operation, rest)
    else yield* rest
  } finally {
    await source.return?.(undefined)
  }
}

async function* bounded(
  operation: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > limits.file) throw tooLarge(operation, null, limits.file)
    if (chunk.byteLength > 0) yield chunk
  }
}

async function* inflated(operation: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024, finishFlush: constants.Z_SYNC_FLUSH })
  const fed = pipeline(Readable.from(bytes), gunzip)
  // Any error shows in the reading below as well.
  fed.catch(() => undefined)
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array
    await fed
  } catch (error) {
    throw gzipProblem(operation, error)
  }
}

function gzipProblem(operation: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT') return damaged(operation, 'its compressed data is damaged')
  return error
}

/** A file that is truncated, or not what it should be. */
export function damaged(operation: string, cause: string): FileError {
  return new FileError(operation, cause, 'If you have a copy, open that.')
}

/** `size`: bytes, where known. */
function tooLarge(operation: string, size: number | null, limit: number): FileError {
  const megabytes = (bytes: number) => `${Math.round(bytes / (1 << 20))} MiB`
  const what = size === null ? 'it holds' : `it has ${megabytes(size)},`
  return new FileError(
    operation,
    `${what} more than the ${megabytes(limit)} that can be opened`,
    'Save fewer groups into one file, with filters such as --port.',
  )
}
