/** This program, where it is a single executable: it can be sent to another host, because it needs nothing there. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { Readable, type Writable } from 'node:stream'
import { brotliDecompressSync } from 'node:zlib'
import { carriedBytes } from '../../engine/index.ts'

export type OwnProgram = {
  /** 16 hexadecimal digits of its content. */
  readonly id: string
  /** The machine that it runs on, as `uname -m` prints it. */
  readonly machine: string
  readonly libc: CarriedLibc
  readonly path: string
  readonly bytes: number
}

/** The C library that it carries for machines without one that fits. */
export type CarriedLibc = {
  /** 16 hexadecimal digits of its content. */
  readonly id: string
  /** The path that the program names for its loader. */
  readonly loader: string
  /** Names of files, the loader's among them. */
  readonly libraries: readonly string[]
}

/** null where it is not a single executable. */
export function ownProgram(): OwnProgram | null {
  const description = carriedBytes('program.json')
  if (description === null) return null
  const program = JSON.parse(description.toString()) as Pick<OwnProgram, 'id' | 'machine' | 'libc'>
  return { ...program, path: process.execPath, bytes: statSync(process.execPath).size }
}

/** What the other end may ask for by this name, `program` or a library; null where there is no such thing. */
export function contentFor({ path, libc }: OwnProgram, name: string): (() => Readable) | null {
  if (name === 'program') return () => createReadStream(path, { highWaterMark: PIECE })
  const packed = libc.libraries.includes(name) ? carriedBytes(`libc/${name}`) : null
  if (packed === null) return null
  const library = brotliDecompressSync(packed)
  return () => Readable.from([library])
}

const PIECE = 1 << 18

/** Sends a line with size and SHA-256, then the content. Resolves too where the other end stops reading: it says why. */
export async function sendContent(
  content: () => Readable,
  to: Writable,
  onPiece: (bytes: number) => void,
): Promise<void> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of content() as AsyncIterable<Buffer>) {
    hash.update(piece)
    bytes += piece.length
  }
  to.write(`${bytes} ${hash.digest('hex')}\n`)
  for await (const piece of content() as AsyncIterable<Buffer>) {
    if (to.destroyed) return
    if (!to.write(piece)) await room(to)
    onPiece(piece.length)
  }
}

/** Resolves when more can be written, or nothing any more. */
function room(to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      to.off('drain', done).off('close', done)
      resolve()
    }
    to.on('drain', done).on('close', done)
  })
}
