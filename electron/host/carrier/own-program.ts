/**
 * The single executable: this program, or the one that an installation has. It can be sent to another host, because it
 * needs nothing there.
 */
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { brotliDecompressSync } from 'node:zlib'
import { carriedBytes, installation } from '../../engine/index.ts'

export type OwnProgram = {
  /** 16 hexadecimal digits of its content. */
  readonly id: string
  /** The machine that it runs on, as `uname -m` prints it. */
  readonly machine: string
  readonly libc: CarriedLibc
  /** One of the libraries, compressed by brotli. */
  readonly packed: (library: string) => Buffer | null
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

/** This program, or the one beside it in an installation with the window; null where there is neither. */
export function ownProgram(): OwnProgram | null {
  if (carriedBytes('program.json') !== null) return programOf(process.execPath, carriedBytes)
  const folder = join(dirname(installation().addon), 'terminal')
  return programOf(join(folder, 'reuseport-inspector'), (name) => contentOf(join(folder, name)))
}

/** `read`: what .ci/single.mjs made beside it. */
function programOf(path: string, read: (name: string) => Buffer | null): OwnProgram | null {
  const description = read('program.json')
  if (description === null) return null
  const program = JSON.parse(description.toString()) as Pick<OwnProgram, 'id' | 'machine' | 'libc'>
  return { ...program, path, bytes: statSync(path).size, packed: (library) => read(`libc/${library}`) }
}

function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

/** What the other end may ask for by this name, `program` or a library; null where there is no such thing. */
export function contentFor({ path, libc, packed }: OwnProgram, name: string): (() => Readable) | null {
  if (name === 'program') return () => createReadStream(path, { highWaterMark: PIECE })
  const content = libc.libraries.includes(name) ? packed(name) : null
  if (content === null) return null
  const library = brotliDecompressSync(content)
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
