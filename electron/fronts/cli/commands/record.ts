/** `record FILE`: picture after picture, only what changed after the first. */
import { setTimeout as pause } from 'node:timers/promises'
import { several } from '../../../contract/words.ts'
import { durationWords } from '../../../engine/snapshots/compare-words.ts'
import { whole } from '../../../engine/snapshots/parts.ts'
import { RecordingWriter } from '../../../engine/snapshots/recording-file.ts'
import type { Context } from '../context.ts'
import { badUsage } from '../failure.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { redactedBy } from '../redaction.ts'
import type { RedactionOptions } from './save-snapshot.ts'

export type RecordOptions = Filters &
  RedactionOptions & {
    /** Milliseconds between two pictures. */
    readonly interval: number
    /** Milliseconds; without it until somebody interrupts. */
    readonly for?: number
    readonly count?: number
    /** Bytes. */
    readonly maxSize: number
    readonly owners: boolean
    readonly force?: boolean
  }

/** Records until one of the bounds, or until it is interrupted, which is the ordinary way to end it. */
export async function record(file: string, options: RecordOptions, context: Context): Promise<void> {
  if (file === '-') throw badUsage('A recording needs a file; `watch --json` prints pictures to standard output.')
  const redact = await redactedBy(options)
  const signal = context.interruption()
  const selection = selectionOf(options)
  const writer = await RecordingWriter.create(file, { force: options.force === true })
  const began = performance.now()
  const until = began + (options.for ?? Number.POSITIVE_INFINITY)
  let last = began
  try {
    for (let left = options.count ?? Number.POSITIVE_INFINITY; left > 0 && !signal.aborted; left--) {
      last = performance.now()
      // All of /proc once, because the first picture is what all others rest on; then as often as it is cheap.
      const owners = options.owners ? (writer.frames === 0 ? 'now' : 'due') : 'never'
      await writer.add(await whole(redact(await context.parts({ selection, owners }))), options.interval)
      if (writer.bytes >= options.maxSize) {
        context.terminal.complain('The file is as large as --max-size allows.\n')
        break
      }
      const next = Math.max(performance.now(), last + options.interval)
      if (left > 1 && next > until) break
      if (left > 1) await pause(next - performance.now(), undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await writer.end()
  }
  context.terminal.complain(
    writer.frames === 0
      ? `Interrupted before the first picture: ${file} was not written.\n`
      : `${several(writer.frames, 'picture')} of ${durationWords(performance.now() - began)} recorded (${Math.ceil(writer.bytes / 1000)} kB).\n`,
  )
}
