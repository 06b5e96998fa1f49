/** This program, where it is a single executable: it can be sent to another host, because it needs nothing there. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { carriedBytes } from '../../engine/index.ts'

export type OwnProgram = {
  /** 16 hexadecimal digits of its content. */
  readonly id: string
  /** The machine that it runs on, as `uname -m` prints it. */
  readonly machine: string
  readonly path: string
  readonly bytes: number
}

/** null where it is not a single executable. */
export function ownProgram(): OwnProgram | null {
  const description = carriedBytes('program.json')
  if (description === null) return null
  const { id, machine } = JSON.parse(description.toString()) as Pick<OwnProgram, 'id' | 'machine'>
  return { id, machine, path: process.execPath, bytes: statSync(process.execPath).size }
}

/** Sends a line with size and SHA-256, then the program. Resolves too where the other end stops reading: it says why. */
export async function sendProgram(
  { path, bytes }: OwnProgram,
  to: Writable,
  onPiece: (bytes: number) => void,
): Promise<void> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece)
  to.write(`${bytes} ${hash.digest('hex')}\n`)
  const content: Readable = createReadStream(path, { highWaterMark: 1 << 18 })
  content.on('data', (piece) => onPiece(piece.length))
  await pipeline(content, to, { end: false }).catch(() => undefined)
}
