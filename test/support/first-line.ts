/** The first line of a program's output. */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/**
 * The first whole line of `stream` that matches, in however many chunks it arrives. The rest is read too, so that the
 * program never blocks. Rejects if the stream ends first.
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
