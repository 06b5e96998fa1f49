/** Prints a list of groups or sockets in the format that the options ask for. */
import type { Finding, Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import { type Document, printJson, printJsonLine } from '../json.ts'
import { print, type Terminal } from '../terminal.ts'
import type { Line } from '../text.ts'
import { chosenColumns, type ListColumn, sortedRows } from './columns.ts'
import type { ListOptions } from './list-options.ts'
import { listCsv, listTsv, plainTable } from './list-texts.ts'
import { formatOf, type TableOptions } from './table-options.ts'
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
  if (await printedColumns(options, terminal, all)) return
  // Before anything is read, so that a misspelled name is reported at once.
  const extended = options.extended === true ? list.extended : []
  chosenColumns(all, options.columns, extended)
  if (options.sort !== undefined) sortedRows(all, [], options.sort)

  const output = formatOf(options)
  if (output === 'ndjson') {
    for (const document of list.documents(await list.snapshot())) await printJsonLine(terminal, document)
    return
  }
  if (output === 'json' || output === 'yaml') return printJson(terminal, await list.snapshot())
  const read = await list.read()
  const changed = options.columns !== undefined || options.sort !== undefined || !options.header || extended.length > 0
  if (output === 'table' && terminal.interactive && !changed) return print(terminal, await list.page(read, terminal))

  const every = list.columns(read, troublesOf(read.findings))
  const known = every.filter(({ name }) => options.owners || name !== 'owners')
  await printRows(
    options,
    terminal,
    { every, columns: chosenColumns(known, options.columns, extended) },
    list.rows(read),
  )
}

/** Prints rows as a table, or as text for programs. `every`: the columns by which they can be sorted. */
export async function printRows<Row>(
  options: TableOptions,
  terminal: Terminal,
  { every, columns }: { readonly every: readonly ListColumn<Row>[]; readonly columns: readonly ListColumn<Row>[] },
  rows: readonly Row[],
): Promise<void> {
  const output = formatOf(options)
  const sorted = options.sort === undefined ? rows : sortedRows(every, rows, options.sort)
  if (output === 'csv') return terminal.write(listCsv(columns, sorted, options.header))
  if (output === 'tsv') return terminal.write(listTsv(columns, sorted, options.header))
  const plain = terminal.interactive || terminal.color ? null : plainTable(columns, sorted, options.header)
  if (plain !== null) return terminal.write(plain)
  const { listTable } = await import('./write-list.ts')
  const wide = output === 'wide' || !terminal.interactive
  await print(terminal, listTable(columns, sorted, { head: options.header, wide }, terminal))
}

/** Throws a usage error for columns that there are not, before anything is read. */
export function rejectUnknownColumns<Row>({ columns, sort }: TableOptions, every: readonly ListColumn<Row>[]): void {
  chosenColumns(every, columns)
  if (sort !== undefined) sortedRows(every, [], sort)
}

/** Prints what `--columns help` asks for; false where it does not. */
export async function printedColumns<Row>(
  { columns }: TableOptions,
  terminal: Terminal,
  every: readonly ListColumn<Row>[],
): Promise<boolean> {
  if (columns !== 'help') return false
  const { columnsHelp } = await import('./write-list.ts')
  await print(terminal, columnsHelp(every, terminal.width))
  return true
}
