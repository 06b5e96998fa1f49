/** The page of `sockets`. */
import type { Snapshot } from '../../../contract/model.ts'
import { pluralize } from '../format.ts'
import { table } from '../layout.ts'
import { socketColumns, socketRows } from '../listing/socket-columns.ts'
import { byEndpoint } from '../summary.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, span } from '../text.ts'

/** The table; on a terminal, the total below it. */
export function socketsPage(
  snapshot: Snapshot,
  options: { readonly owners: boolean },
  terminal: Pick<Terminal, 'width' | 'interactive'>,
): Line[] {
  const rows = socketRows([...snapshot.groups].sort(byEndpoint))
  const columns = socketColumns(rows, { namespaces: snapshot.namespaces, owners: options.owners })
  const foot = terminal.interactive ? [line(''), line(span(`${pluralize(rows.length, 'socket')}.`, 'quiet'))] : []
  return [...table(columns, rows, terminal.width), ...foot]
}
