/**
 * The thread that reads files for an engine, one file each: whatever a file does to it, the engine goes on. It sends
 * checked parts as JSON, which takes the reader half the time of a structured clone (measured at 100,000 sockets).
 */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { fileBytes } from './file-bytes.ts'
import { toFileError } from './file-error.ts'
import type { FileTask, FromWorker } from './file-reader.ts'
import { checkedParts } from './read.ts'

/** Characters in one message: some milliseconds of the reader's thread. */
const MESSAGE = 256 * 1024

async function main(port: NonNullable<typeof parentPort>, { name, path, chunks, heap }: FileTask): Promise<void> {
  const post = (message: FromWorker) => port.postMessage(message)
  let waiting: string[] = []
  let size = 0
  /** Resolves when the reader has taken the last message: no more than one is pending. */
  let taken: Promise<unknown> = Promise.resolve()
  const hand = async () => {
    await taken
    taken = once(port, 'message')
    post({ parts: `[${waiting.join(',')}]` })
    waiting = []
    size = 0
  }
  try {
    for await (const part of checkedParts(name, path === null ? each(chunks) : fileBytes(path), { heap })) {
      const text = JSON.stringify(part)
      waiting.push(text)
      size += text.length
      if (size >= MESSAGE) await hand()
    }
    await hand()
    await taken
    post({ problem: null })
  } catch (error) {
    // Everything before the fault is good.
    await hand()
    await taken
    post({ problem: toFileError(`opening ${name}`, error).problem })
  }
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

if (parentPort !== null) void main(parentPort, workerData).then(() => parentPort?.close())
