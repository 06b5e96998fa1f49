/** `snapshot save FILE`: saves a snapshot of this machine. */

import { pluralize } from '../../../contract/format.ts'
import { SINGLE_FRAME, SINGLE_FRAME_WITHOUT_OWNERS } from '../../../engine/index.ts'
import {
  gzipped,
  isGzipName,
  prepare,
  type SnapshotPart,
  type SnapshotParts,
  snapshotJson,
  writeWhole,
} from '../../../engine/snapshots/index.ts'
import type { Context } from '../context.ts'
import { Failure } from '../failure.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { type RedactionOptions, redactedBy } from '../redaction.ts'
import { sanitizeJson } from '../sanitize.ts'

export type SaveOptions = Filters & RedactionOptions & { readonly owners: boolean; readonly force?: boolean }

/** Writes to the file or to standard output. If the file cannot be written, the machine is not read. */
export async function saveSnapshot(file: string, options: SaveOptions, context: Context): Promise<void> {
  if (file !== '-') await prepare(file, options.force === true)
  const redact = await redactedBy(options)
  const signal = context.interruption()
  const counts = { groups: 0, sockets: 0 }
  const core = await context.core()
  const parts = core.parts({
    selection: selectionOf(options),
    frame: options.owners ? SINGLE_FRAME : SINGLE_FRAME_WITHOUT_OWNERS,
  })
  const text = snapshotJson(redact(countParts(parts, counts)))
  if (file === '-') {
    for await (const piece of text) await context.terminal.write(sanitizeJson(piece))
    return
  }
  try {
    const bytes = await writeWhole(file, isGzipName(file) ? gzipped(text) : text, {
      force: options.force === true,
      signal,
    })
    const size = bytes < 10_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.ceil(bytes / 1_000_000)} MB`
    context.terminal.writeError(
      `${pluralize(counts.sockets, 'socket')} in ${pluralize(counts.groups, 'group')} saved (${size}).\n`,
    )
  } catch (error) {
    throw signal.aborted ? new Failure(`Interrupted: ${file} was not written.`) : error
  }
}

async function* countParts(
  parts: SnapshotParts,
  counts: { groups: number; sockets: number },
): AsyncGenerator<SnapshotPart> {
  for await (const part of parts) {
    if ('group' in part) {
      counts.groups++
      counts.sockets += part.group.members.length
    }
    yield part
  }
}
