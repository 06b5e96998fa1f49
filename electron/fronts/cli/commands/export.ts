/** `export FILE --format FORMAT`: a snapshot in another format, for sharing. */

import { pluralize } from '../../../contract/format.ts'
import { SINGLE_FRAME } from '../../../engine/index.ts'
import {
  exported,
  type Format,
  formatOfName,
  gzipped,
  isBinary,
  isGzipName,
  partsOf,
  prepare,
  type SnapshotParts,
  writeWhole,
} from '../../../engine/snapshots/index.ts'
import type { Context } from '../context.ts'
import { Failure, usageError } from '../failure.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { type RedactionOptions, redactedBy } from '../redaction.ts'
import { sanitizeLines } from '../sanitize.ts'
import { openSnapshot } from '../snapshot-source.ts'

export type ExportOptions = Filters &
  RedactionOptions & { readonly format?: Format; readonly output?: string; readonly force?: boolean }

/** Writes the requested format to a file or to standard output. */
export async function exportSnapshot(file: string, options: ExportOptions, context: Context): Promise<void> {
  const output = options.output ?? '-'
  const format = options.format ?? formatOfName(output)
  if (format === null)
    throw usageError('No format given. Set --format, or name --output with an extension, such as report.html.')
  if (output === '-' && isBinary(format) && context.terminal.interactive) {
    throw usageError('A PNG cannot be printed to a terminal. Name a file with --output.')
  }
  if (output !== '-') await prepare(output, options.force === true)
  const redact = await redactedBy(options)
  const signal = context.interruption()
  try {
    const content = exported(redact(await source(file, options, context, signal)), format)
    if (output === '-') {
      for await (const piece of content) {
        signal.throwIfAborted()
        await context.terminal.write(typeof piece === 'string' ? sanitizeLines(piece) : piece)
      }
      return
    }
    const pieces = isGzipName(output) ? gzipped(content) : content
    const bytes = await writeWhole(output, pieces, { force: options.force === true, signal })
    context.terminal.writeError(`${pluralize(bytes, 'byte')} written.\n`)
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Failure(output === '-' ? 'Interrupted.' : `Interrupted: ${output} was not written.`)
  }
}

async function source(file: string, options: Filters, context: Context, signal: AbortSignal): Promise<SnapshotParts> {
  if (file === 'now') return (await context.core()).parts({ selection: selectionOf(options), frame: SINGLE_FRAME })
  return partsOf(await openSnapshot(file, options, context, signal))
}
