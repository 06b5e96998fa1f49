/**
 * How an engine on a byte stream is recognized: its first line follows a random marker, because a login shell may print
 * anything before it.
 */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { z } from 'zod'

/** Of frames and greeting. */
export const PROTOCOL = 1

/** An engine's first line. */
export const Greeting = z.object({
  protocol: z.number().int(),
  version: z.string().max(100),
  /** Of the engine (contract-hash.ts). */
  contract: z.string().max(100),
  pid: z.number().int(),
  uid: z.number().int(),
})
export type Greeting = z.infer<typeof Greeting>

/** The bytes of a line that the other end finds among noise: `message` as JSON, on a line of its own behind the marker. */
export function markedLine(marker: string, message: unknown): string {
  return `\n${marker} ${JSON.stringify(message)}\n`
}

/** What precedes a marked line, at most. */
const MAX_NOISE = 64 * 1024

/** A marked line and what preceded it. `message` is undefined where the line is not JSON. */
export type MarkedLine = { readonly ended: boolean; readonly message: unknown; readonly noise: string }

/**
 * The next line behind `marker`. What follows it stays in the stream. Where the stream ends first, or MAX_NOISE bytes
 * contain none, `ended` is true.
 */
export async function nextMarkedLine(input: Readable, marker: string): Promise<MarkedLine> {
  const start = Buffer.from(`\n${marker} `)
  let bytes = Buffer.alloc(0)
  while (bytes.length < MAX_NOISE) {
    const chunk = await nextChunk(input)
    if (chunk === null) break
    bytes = Buffer.concat([bytes, chunk])
    const at = bytes.indexOf(start)
    const end = at < 0 ? -1 : bytes.indexOf('\n', at + start.length)
    if (end < 0) continue
    if (end + 1 < bytes.length) input.unshift(bytes.subarray(end + 1))
    return {
      ended: false,
      message: parsed(bytes.toString('utf8', at + start.length, end)),
      noise: bytes.toString('utf8', 0, at),
    }
  }
  return { ended: true, message: undefined, noise: bytes.toString() }
}

/** The next bytes of a paused stream; null at its end. */
async function nextChunk(input: Readable): Promise<Buffer | null> {
  for (;;) {
    const chunk: Buffer | null = input.read()
    if (chunk !== null) return chunk
    if (input.readableEnded || input.destroyed) return null
    const heard = new AbortController()
    const { signal } = heard
    const events = ['readable', 'end', 'close'].map((event) => once(input, event, { signal }))
    await Promise.race(events).catch(() => undefined)
    heard.abort()
    for (const event of events) event.catch(() => undefined)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
