/** Where a snapshot comes from: a file, standard input, or this machine now. */
import type { Snapshot } from '../../contract/model.ts'
import { decode, parseSnapshot, readSnapshot } from '../../engine/snapshots/read.ts'
import { chosen } from './chosen.ts'
import type { Context } from './context.ts'
import { type Filters, selectionOf } from './option-values.ts'

/**
 * What the filters choose of the snapshot that `name` means; of a file its plain sockets too. Throws a FileProblem, a
 * Failure, or what the engine throws.
 */
export async function openSnapshot(name: string, filters: Filters, context: Context): Promise<Snapshot> {
  if (name === 'now') return (await context.observe()).snapshot({ selection: selectionOf(filters), owners: true })
  return chosen(name, await openFile(name, context), filters)
}

function openFile(name: string, context: Context): Promise<Snapshot> {
  if (name !== '-') return readSnapshot(name)
  return decode('to read standard input', context.input()).then((text) => parseSnapshot('standard input', text))
}
