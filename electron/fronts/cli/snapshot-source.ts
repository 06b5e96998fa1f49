/** Where a snapshot comes from: a file, standard input, or this machine now. */
import type { Snapshot } from '../../contract/model.ts'
import { decode, parseSnapshot, readSnapshot } from '../../engine/snapshots/read.ts'
import type { Context } from './context.ts'
import { type Filters, selectionOf } from './option-values.ts'

/** The snapshot that `name` means. Throws a FileProblem or what the engine throws. Filters hold for `now`. */
export async function openSnapshot(name: string, filters: Filters, context: Context): Promise<Snapshot> {
  if (name === 'now') return (await context.observe()).snapshot({ selection: selectionOf(filters), owners: true })
  if (name === '-') return parseSnapshot('standard input', await decode('to read standard input', context.input()))
  return readSnapshot(name)
}
