/** `sockets`: one socket per row, including unshared ones. */
import type { Context } from '../context.ts'
import { printJson } from '../json.ts'
import { selectionOf } from '../option-values.ts'
import { print } from '../terminal.ts'
import type { ListOptions } from './groups.ts'
import { warnPortInUse } from './port.ts'

/** Prints the sockets as a table, or the Snapshot with unshared sockets as JSON. */
export async function sockets(options: ListOptions, context: Context): Promise<void> {
  const { terminal, core } = context
  const selection = { ...selectionOf(options), all: true }
  const snapshot = await (await core()).snapshot({ selection, owners: options.owners })
  if (options.port !== undefined && snapshot.groups.length === 0)
    await warnPortInUse({ port: options.port }, options, context)
  if (options.json === true) return printJson(terminal, snapshot)
  const { socketsPage } = await import('../pages/sockets-page.ts')
  await print(terminal, socketsPage(snapshot, options, terminal))
}
