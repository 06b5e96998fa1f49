/** Opens a snapshot: from a file, from standard input, or of this machine now. */
import type { Snapshot } from '../../contract/model.ts'
import { checkedParts, fileBytes, snapshotFrom } from '../../engine/snapshots/index.ts'
import type { Context } from './context.ts'
import { filterSnapshot } from './filter-snapshot.ts'
import { type Filters, selectionOf } from './option-values.ts'

/**
 * The snapshot `name`, reduced by the filters; a file keeps its unshared sockets. Throws a FileError, a Failure, an
 * error of the engine, or the reason of `signal`.
 */
export async function openSnapshot(
  name: string,
  filters: Filters,
  context: Context,
  signal?: AbortSignal,
): Promise<Snapshot> {
  if (name === 'now') return (await context.core()).snapshot({ selection: selectionOf(filters), owners: true })
  return filterSnapshot(name, await openFile(name, context, signal), filters)
}

function openFile(name: string, context: Context, signal: AbortSignal | undefined): Promise<Snapshot> {
  const [shown, bytes] = name === '-' ? ['standard input', context.input()] : [name, fileBytes(name)]
  return snapshotFrom(checkedParts(shown, bytes, { wanted: 'snapshot', signal }))
}
