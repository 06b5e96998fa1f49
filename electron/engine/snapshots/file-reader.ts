/** Files read in a thread of their own, which is stopped where it takes too much time or memory. */
import { on } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Problem } from '../../contract/errors.ts'
import type { Snapshot } from '../../contract/model.ts'
import { carriedBytes } from '../common/carried.ts'
import { fileBytes } from './file-bytes.ts'
import { FileError } from './file-error.ts'
import { OpenedRecording } from './opened-recording.ts'
import { type CheckedPart, checkedParts, Lists, maxHeapBytes } from './read.ts'

/** A file on disk, or the bytes of one that a page sent. */
export type FileTask = {
  readonly name: string
  readonly path: string | null
  readonly chunks: readonly Uint8Array[]
  /** Bytes that a snapshot may take in the heap of this process. */
  readonly heap: number
}
/** Parts as a JSON array, then the end, with the problem if there is one. */
export type FromWorker = { readonly parts: string } | { readonly problem: Problem | null }

/** What a file holds, and its approximate size in memory. */
export type Content = { readonly holds: Snapshot | OpenedRecording; readonly weight: number }

/** A reading without a message for this long is stopped. */
const TIMEOUT_MS = 60_000
/** Three times the largest element of a file, which takes a third of this. */
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64 }

/** Reads all of a file. Throws a FileError, or the reason of the signal. */
export async function readContent(
  name: string,
  source: { readonly path: string } | { readonly chunks: readonly Uint8Array[] },
  signal: AbortSignal,
): Promise<Content> {
  const path = 'path' in source ? source.path : null
  const chunks = 'chunks' in source ? source.chunks : []
  const code = workerCode()
  const parts =
    code === null
      ? checkedParts(name, path === null ? each(chunks) : fileBytes(path), { signal })
      : workerParts(code, { name, path, chunks, heap: maxHeapBytes() }, signal)
  try {
    return await contentOf(name, parts)
  } finally {
    await parts.return(undefined)
  }
}

async function contentOf(name: string, parts: AsyncGenerator<CheckedPart>): Promise<Content> {
  const lists = new Lists()
  let content: Content | null = null
  // Up to the end of the file: something may follow.
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value
    if ('list' in part) lists.add(part)
    else if (part.end === 'head') {
      const holds = await OpenedRecording.from(name, parts)
      return { holds, weight: holds.weight }
    } else content = { holds: lists.snapshot(part.rest), weight: part.weight }
  }
  if (content === null) throw new Error('a file without an end')
  return content
}

/** Like `checkedParts`, in a worker. */
async function* workerParts(code: string, task: FileTask, signal: AbortSignal): AsyncGenerator<CheckedPart> {
  signal.throwIfAborted()
  const operation = `opening ${task.name}`
  const worker = new Worker(code, { eval: true, workerData: task, resourceLimits: LIMITS })
  const ended = new AbortController()
  const end = () => ended.abort()
  signal.addEventListener('abort', end)
  let timer = setTimeout(end, TIMEOUT_MS)
  try {
    // `close`: it may end without a message.
    for await (const [message] of on(worker, 'message', { signal: ended.signal, close: ['exit'] })) {
      clearTimeout(timer)
      const told = message as FromWorker
      if ('problem' in told) {
        if (told.problem !== null) throw new FileError(operation, told.problem.cause, told.problem.hint)
        return
      }
      yield* JSON.parse(told.parts) as CheckedPart[]
      timer = setTimeout(end, TIMEOUT_MS)
      worker.postMessage(null)
    }
    throw new FileError(operation, 'the thread that read it ended unexpectedly', null)
  } catch (error) {
    signal.throwIfAborted()
    if (ended.signal.aborted) throw givenUp(operation, 'reading it took too long')
    const { code } = error as NodeJS.ErrnoException
    throw code === 'ERR_WORKER_OUT_OF_MEMORY' ? givenUp(operation, 'reading it took too much memory') : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    await worker.terminate()
  }
}

function givenUp(operation: string, cause: string): FileError {
  return new FileError(operation, cause, 'Save fewer groups into one file, with filters such as --port.')
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

/**
 * The code of the built worker: one file beside the bundle, or above the folder of its chunks. As text, since a thread
 * cannot start from inside Electron's archive. null where nothing is built: then this thread reads, in slices.
 */
function workerCode(): string | null {
  const carried = carriedBytes('file-worker.cjs')
  if (carried !== null) return carried.toString()
  for (const folder of ['.', '..']) {
    const path = join(import.meta.dirname, folder, 'file-worker.cjs')
    if (existsSync(path)) return readFileSync(path, 'utf8')
  }
  return null
}
