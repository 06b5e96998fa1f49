/** A list as text: a table with the chosen columns, or CSV and TSV for programs. */
import { formatCount } from '../../../contract/format.ts'
import { csvLine } from '../../../engine/snapshots/index.ts'
import { type Column, table } from '../layout.ts'
import { sanitize } from '../sanitize.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, plainText, span } from '../text.ts'
import type { ListColumn, Value } from './columns.ts'

/** Dropped first on a narrow terminal. */
const MINOR: ReadonlySet<string> = new Set(['netns', 'evidence', 'unit', 'id', 'inode', 'cookie'])

/**
 * The table. On a terminal numbers are grouped, and the last columns are dropped where it is narrow; in a pipe every
 * cell is one word, numbers are raw, and nothing is dropped. `wide`: nothing is dropped.
 */
export function listTable<Row>(
  columns: readonly ListColumn<Row>[],
  rows: readonly Row[],
  { head, wide }: { readonly head: boolean; readonly wide: boolean },
  terminal: Pick<Terminal, 'interactive' | 'width'>,
): Line[] {
  const layout = columns.map(({ name, value, asked }, at): Column<Row> => {
    const values = rows.map(value)
    const numeric = values.some((one) => typeof one === 'number')
    return {
      title: head ? name.toUpperCase() : '',
      priority: asked === true ? 100 : MINOR.has(name) ? 0 : 100 - at,
      ...(numeric ? { align: 'right' as const } : {}),
      cell: (row) => cell(value(row), terminal.interactive),
    }
  })
  const lines = table(layout, rows, wide ? Number.POSITIVE_INFINITY : terminal.width)
  return head ? lines : lines.slice(1)
}

function cell(value: Value, interactive: boolean): Line {
  if (value === null) return line(span('unknown', 'quiet'))
  if (value === '') return line(span('-', 'quiet'))
  if (typeof value === 'number') return line(interactive ? formatCount(value) : String(value))
  const tone = value.startsWith('critical:') ? 'bad' : value.startsWith('warning:') ? 'warning' : 'plain'
  // A space in a command's name would be one more column to a program.
  return line(span(interactive ? value : oneWord(value), tone))
}

function oneWord(text: string): string {
  return sanitize(text).replace(/\s/g, '\\x20')
}

/** CSV (RFC 4180): unknown is an empty cell. */
export function listCsv<Row>(columns: readonly ListColumn<Row>[], rows: readonly Row[], head: boolean): string {
  const lines = rows.map((row) => csvLine(columns.map(({ value }) => value(row))))
  return [...(head ? [csvLine(columns.map(({ name }) => name))] : []), ...lines].join('')
}

/** Tab-separated: unknown is an empty cell. */
export function listTsv<Row>(columns: readonly ListColumn<Row>[], rows: readonly Row[], head: boolean): string {
  const lines = rows.map((row) => columns.map(({ value }) => sanitize(String(value(row) ?? ''))).join('\t'))
  return [...(head ? [columns.map(({ name }) => name).join('\t')] : []), ...lines].map((text) => `${text}\n`).join('')
}

/** What `--columns help` prints. */
export function columnsHelp<Row>(columns: readonly ListColumn<Row>[], width: number): Line[] {
  const layout: Column<ListColumn<Row>>[] = [
    { title: 'COLUMN', priority: 100, cell: ({ name }) => name },
    { title: 'SHOWN', priority: 80, cell: ({ shown }) => (shown ? 'yes' : 'no') },
    { title: 'CONTENTS', priority: 90, cell: ({ about }) => about },
  ]
  return table(layout, columns, width).filter((one) => plainText(one) !== '')
}
