/** `record FILE`: writes the first snapshot in full, then only changes. */

import { formatDuration, pluralize } from '../../../contract/format.ts'
import { RECORDED_FRAMES } from '../../../engine/index.ts'
import { collectParts, RecordingWriter, recordSnapshots } from '../../../engine/snapshots/index.ts'
import type { Context } from '../context.ts'
import { usageError } from '../failure.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { type RedactionOptions, redactedBy } from '../redaction.ts'

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
    throw usageError('A recording cannot go to standard output. Name a file, or use `watch --json` to print snapshots.')
  const redact = await redactedBy(options)
  const signal = context.interruption()
  const selection = selectionOf(options)
  const writer = await RecordingWriter.create(file, { force: options.force === true })
  const began = performance.now()
  try {
    const limit = await recordSnapshots(writer, {
      takeSnapshot: async (recorded) =>
        collectParts(redact((await context.core()).parts({ selection, frame: RECORDED_FRAMES[recorded] }))),
      owners: options.owners,
      intervalMs: options.interval,
      forMs: options.for,
      count: options.count,
      maxBytes: options.maxSize,
      signal,
    })
    if (limit === 'size') context.terminal.writeError('Stopped: the file reached --max-size.\n')
  } finally {
    await writer.end()
  }
  context.terminal.writeError(
    writer.frames === 0
      ? `Interrupted before the first snapshot; ${file} was not written.\n`
      : `${pluralize(writer.frames, 'snapshot')} over ${formatDuration(performance.now() - began)} recorded (${Math.ceil(writer.bytes / 1000)} kB).\n`,
  )
}
