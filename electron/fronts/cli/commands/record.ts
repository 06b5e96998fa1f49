/** `record FILE`: writes the first snapshot in full, then only changes. */
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
    /** Milliseconds between snapshots. */
    readonly interval: number
    /** Milliseconds; if omitted, until interrupted. */
    readonly for?: number
    readonly count?: number
    /** Bytes. */
    readonly maxSize: number
    readonly owners: boolean
    readonly force?: boolean
  }

/** Records until a limit is reached or it is interrupted, which is the usual way to stop. */
export async function record(file: string, options: RecordOptions, context: Context): Promise<void> {
  if (file === '-')
    throw badUsage('A recording cannot go to standard output. Name a file, or use `watch --json` to print snapshots.')
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
    if (bound === 'size') context.terminal.complain('Stopped: the file reached --max-size.\n')
  } finally {
    await writer.end()
  }
  context.terminal.complain(
    writer.frames === 0
      ? `Interrupted before the first snapshot; ${file} was not written.\n`
      : `${several(writer.frames, 'snapshot')} over ${durationWords(performance.now() - began)} recorded (${Math.ceil(writer.bytes / 1000)} kB).\n`,
  )
}
