/** Prints a list of groups or sockets in the format that the options ask for. */
import type { Finding, Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import { type Document, printJson, printJsonLine } from '../json.ts'
import { sanitizeLines } from '../sanitize.ts'
import { print, type Terminal } from '../terminal.ts'
import type { Line } from '../text.ts'
import { chosenColumns, type ListColumn, sortedRows } from './columns.ts'
import type { ListOptions } from './list-options.ts'
import { listCsv, listTsv, plainTable } from './list-texts.ts'
import { type Troubles, troublesOf } from './trouble.ts'

export type List<Row, Read> = {
  readonly columns: (snapshot: Pick<Snapshot, 'namespaces'>, troubles: Troubles) => readonly ListColumn<Row>[]
  /** The columns that -e adds. */
  readonly extended: readonly string[]
  /** A snapshot, for the formats that have every member, and one document per row of it. */
  readonly snapshot: () => Promise<Snapshot>
  readonly documents: (snapshot: Snapshot) => readonly Document[]
  /** What the tables need. */
  readonly read: () => Promise<Read>
  readonly rows: (read: Read) => readonly Row[]
  /** The page of a terminal where no option changes the list. */
  readonly page: (read: Read, terminal: Terminal) => Promise<Line[]>
}

type Listed = Pick<Snapshot, 'namespaces'> & { readonly findings: readonly Finding[] }

export async function printList<Row, Read extends Listed>(
  options: ListOptions,
  context: Context,
  list: List<Row, Read>,
): Promise<void> {
  const { terminal } = context
  const all = list.columns({ namespaces: [] }, new Map())
  if (options.columns === 'help') {
    const { columnsHelp } = await import('./write-list.ts')
    return print(terminal, columnsHelp(all, terminal.width))
  }
  // Before anything is read, so that a misspelled name is reported at once.
  const extended = options.extended === true ? list.extended : []
  chosenColumns(all, options.columns, extended)
  if (options.sort !== undefined) sortedRows(all, [], options.sort)

  const output = options.json === true ? 'json' : (options.output ?? 'table')
  if (output === 'json') return printJson(terminal, await list.snapshot())
  if (output === 'ndjson') {
    for (const document of list.documents(await list.snapshot())) await printJsonLine(terminal, document)
    return
  }
  if (output === 'yaml') {
    const { stringify } = await import('yaml')
    return terminal.write(sanitizeLines(stringify(await list.snapshot(), { aliasDuplicateObjects: false })))
  }
  const read = await list.read()
  const changed = options.columns !== undefined || options.sort !== undefined || !options.header || extended.length > 0
  if (output === 'table' && terminal.interactive && !changed) return print(terminal, await list.page(read, terminal))

  const every = list.columns(read, troublesOf(read.findings))
  const columns = chosenColumns(
    every.filter(({ name }) => options.owners || name !== 'owners'),
    options.columns,
    extended,
  )
  const rows = list.rows(read)
  const sorted = options.sort === undefined ? rows : sortedRows(every, rows, options.sort)
  if (output === 'csv') return terminal.write(listCsv(columns, sorted, options.header))
  if (output === 'tsv') return terminal.write(listTsv(columns, sorted, options.header))
  const plain = terminal.interactive || terminal.color ? null : plainTable(columns, sorted, options.header)
  if (plain !== null) return terminal.write(plain)
  const { listTable } = await import('./write-list.ts')
  const wide = output === 'wide' || !terminal.interactive
  await print(terminal, listTable(columns, sorted, { head: options.header, wide }, terminal))
}
