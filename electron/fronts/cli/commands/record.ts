/** `record FILE`: picture after picture, only what changed after the first. */
import { several } from '../../../contract/words.ts'
import { durationWords } from '../../../engine/snapshots/compare-words.ts'
import { whole } from '../../../engine/snapshots/parts.ts'
import { recordPictures } from '../../../engine/snapshots/record-pictures.ts'
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
  if (file === '-') throw badUsage('A recording needs a file; `watch --json` prints snapshots to standard output.')
  const redact = await redactedBy(options)
  const signal = context.interruption()
  const selection = selectionOf(options)
  const writer = await RecordingWriter.create(file, { force: options.force === true })
  const began = performance.now()
  try {
    const bound = await recordPictures(writer, {
      picture: async (owners) => whole(redact((await context.observe()).parts({ selection, owners }))),
      owners: options.owners,
      intervalMs: options.interval,
      forMs: options.for,
      count: options.count,
      maxBytes: options.maxSize,
      signal,
    })
    if (bound === 'size') context.terminal.complain('The file is as large as --max-size allows.\n')
  } finally {
    await writer.end()
  }
  context.terminal.complain(
    writer.frames === 0
      ? `Interrupted before the first snapshot: ${file} was not written.\n`
      : `${several(writer.frames, 'snapshot')} over ${durationWords(performance.now() - began)} recorded (${Math.ceil(writer.bytes / 1000)} kB).\n`,
  )
}
