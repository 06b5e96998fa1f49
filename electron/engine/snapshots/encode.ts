/** A snapshot as JSON text, in chunks: one group per line, so that text tools can compare snapshots. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { SnapshotParts } from './parts.ts'

/** Approximate characters per chunk: large enough to be worth a write, small enough to take little memory. */
const PIECE = 64 * 1024
/** Fast, and within a tenth of the best ratio: groups are repetitive. */
const GZIP_LEVEL = 3

/** The text of the model's `Snapshot`. */
export async function* snapshotJson(parts: SnapshotParts): AsyncGenerator<string> {
  let text = ''
  let groups = 0
  for await (const part of parts) {
    if ('head' in part) {
      text += `${JSON.stringify(part.head).slice(0, -1)},"groups":[`
    } else if ('group' in part) {
      text += `${groups++ === 0 ? '' : ','}\n${JSON.stringify(part.group)}`
    } else {
      text += `\n],"findings":${JSON.stringify(part.findings)}}\n`
    }
    if (text.length >= PIECE) {
      yield text
      text = ''
    }
  }
  yield text
}

/** The same, compressed as by gzip(1). Ends with its source; an error of the source is thrown. */
export async function* gzipped(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: GZIP_LEVEL })
  const fed = pipeline(Readable.from(pieces), gzip)
  // Any error shows in the reading below as well.
  fed.catch(() => undefined)
  for await (const chunk of gzip) yield chunk as Uint8Array
  await fed
}

/** True for the name of a compressed file. */
export function isGzipName(path: string): boolean {
  return path.toLowerCase().endsWith('.gz')
}
