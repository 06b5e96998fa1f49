/** A list as a table of the width that the terminal has. */
import { formatCount } from '../../../contract/format.ts'
import { type Column, table } from '../layout.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, plainText, span } from '../text.ts'
import type { ListColumn, Value } from './columns.ts'
import { plainCell, sentence } from './list-texts.ts'

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
  const layout = columns.map(({ name, value, asked, prose }, at): Column<Row> => {
    const values = rows.map(value)
    const numeric = values.some((one) => typeof one === 'number')
    return {
      title: head ? name.toUpperCase() : '',
      priority: asked === true ? 100 : MINOR.has(name) ? 0 : 100 - at,
      ...(numeric ? { align: 'right' as const } : {}),
      cell: (row) => (prose === true ? sentence(value(row)) : cell(value(row), terminal.interactive)),
    }
  })
  const lines = table(layout, rows, wide ? Number.POSITIVE_INFINITY : terminal.width)
  return head ? lines : lines.slice(1)
}

function cell(value: Value, interactive: boolean): Line {
  if (value === null || value === '') return line(span(plainCell(value), 'quiet'))
  if (typeof value === 'number') return line(interactive ? formatCount(value) : plainCell(value))
  const tone = value.startsWith('critical:') ? 'bad' : value.startsWith('warning:') ? 'warning' : 'plain'
  return line(span(interactive ? value : plainCell(value), tone))
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
