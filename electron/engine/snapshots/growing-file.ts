/** The bytes of a file that is still being written, such as a running recording. */
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { toFileError } from './file-error.ts'

/** How often a file is read again at its end. */
const AGAIN_MS = 250
const CHUNK_BYTES = 1 << 16

/** All bytes of the file, and what is appended to it until `signal` is aborted. Throws a FileError. */
export async function* growingFileBytes(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    throw toFileError(`opening ${path}`, error)
  }
  try {
    let at = 0
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, at)
      at += bytesRead
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead)
      else if (signal.aborted) return
      else await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined)
    }
  } catch (error) {
    throw toFileError(`reading ${path}`, error)
  } finally {
    await handle.close()
  }
}
