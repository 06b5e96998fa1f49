/** What a program says first. */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/**
 * The first line of `stream` that matches, whole, in whatever pieces it comes. What follows is read too, so that the
 * program is never held up. Rejects where the stream ends before.
 */
export function firstLine(stream: Readable, matching = /^/): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stream })
    lines.on('line', (line) => {
      if (matching.test(line)) resolve(line)
    })
    lines.once('close', () => reject(new Error(`The stream ended before a line that matches ${matching}.`)))
  })
}
