/** `sockets`: the same picture, one socket a row, plain ones too. */
import type { Context } from '../context.ts'
import { printJson } from '../json.ts'
import { table } from '../layout.ts'
import { selectionOf } from '../option-values.ts'
import { byEndpoint } from '../summary.ts'
import { socketColumns, socketRows } from '../tables/sockets-table.ts'
import { print } from '../terminal.ts'
import { line, span } from '../text.ts'
import { several } from '../words.ts'
import type { ListOptions } from './groups.ts'

/** Prints the sockets as a table, or the Snapshot with plain sockets as JSON. */
export async function sockets(options: ListOptions, { terminal, connect }: Context): Promise<void> {
  const client = await connect()
  const selection = { ...selectionOf(options), all: true }
  const snapshot = await client.snapshot({ selection, owners: options.owners })
  if (options.json === true) return printJson(terminal, snapshot)
  const rows = socketRows([...snapshot.groups].sort(byEndpoint))
  const columns = socketColumns(rows, { namespaces: snapshot.namespaces, owners: options.owners })
  await print(terminal, table(columns, rows, terminal.width))
  if (terminal.interactive) {
    await print(terminal, [line(''), line(span(`${several(rows.length, 'socket')}.`, 'quiet'))])
  }
}
