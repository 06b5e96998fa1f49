/** `groups`: every group of sockets that share a port. */
import type { Context } from '../context.ts'
import { printJson } from '../json.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { print } from '../terminal.ts'
import { warnPortInUse } from './port.ts'

export type ListOptions = Filters & {
  readonly json?: boolean
  readonly owners: boolean /** Milliseconds to count. */
  readonly for?: number
}

/** Prints the groups as a table, or the Snapshot as JSON. */
export async function groups(options: ListOptions, context: Context): Promise<void> {
  const { terminal, core } = context
  const request = { selection: selectionOf(options), owners: options.owners, countMs: options.for }
  const snapshot = await (await core()).snapshot(request)
  if (options.port !== undefined && snapshot.groups.length === 0) await warnPortInUse(options.port, options, context)
  if (options.json === true) return printJson(terminal, snapshot)
  const { groupsPage } = await import('../pages/groups-page.ts')
  await print(terminal, groupsPage(snapshot, options, terminal))
}
