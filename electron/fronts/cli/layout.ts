/** Table layout that fits the terminal's width. Pure. */
import { type Line, line, type Span, span } from './text.ts'
import { lineWidth, truncate } from './width.ts'

export type Column<Row> = {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Priority when there is not enough room: the column with the lowest number is dropped first. */
  readonly priority: number
  /** Width it can shrink to. Without it the column is shown in full or not at all: half a number is a wrong number. */
  readonly shrinkTo?: number
  /** Where a shrunk cell is cut; by default at its end. */
  readonly cut?: 'start' | 'end'
  readonly cell: (row: Row) => Line | string
}

const gap = 2

/**
 * The table as lines, header first, each at most `columns` wide (`Infinity`: natural width). If it does not fit,
 * columns shrink, the widest first, down to `shrinkTo`; then columns are dropped by `keep`; the last one is cut.
 */
export function table<Row>(layout: readonly Column<Row>[], rows: readonly Row[], columns: number): Line[] {
  const cells = layout.map((column) => rows.map((row) => asLine(column.cell(row))))
  const natural = layout.map((column, i) => {
    let widest = lineWidth(line(column.title))
    for (const cell of cells[i] ?? []) widest = Math.max(widest, lineWidth(cell))
    return widest
  })
  const widths = columnWidths(
    layout.map((column, i) => ({
      natural: natural[i] ?? 0,
      least: Math.min(natural[i] ?? 0, column.shrinkTo ?? Number.POSITIVE_INFINITY),
      keep: column.priority,
    })),
    columns,
  )
  const shown = layout.flatMap((column, i) => (widths[i] === null ? [] : [{ column, i, width: widths[i] ?? 0 }]))
  const compose = (cellOf: (i: number) => Line): Line =>
    shown.flatMap(({ column, i, width }, at) => {
      const last = at === shown.length - 1
      return [...(at > 0 ? [blanks(gap)] : []), ...pad(cellOf(i), width, column, last)]
    })
  const head = compose((i) => [span(layout[i]?.title ?? '', 'head')])
  return [
    withoutTrailingBlanks(head),
    ...rows.map((_, r) => withoutTrailingBlanks(compose((i) => cells[i]?.[r] ?? []))),
  ]
}

/** The width of each column; null where it is dropped. Exported for tests. */
export function columnWidths(
  wanted: readonly { natural: number; least: number; keep: number }[],
  columns: number,
): (number | null)[] {
  const shown = new Set(wanted.keys())
  const total = (of: 'natural' | 'least') =>
    [...shown].reduce((sum, i) => sum + (wanted[i]?.[of] ?? 0), Math.max(0, shown.size - 1) * gap)
  while (shown.size > 1 && total('least') > columns) {
    const first = [...shown].reduce((a, b) => ((wanted[b]?.keep ?? 0) < (wanted[a]?.keep ?? 0) ? b : a))
    shown.delete(first)
  }
  const widths = wanted.map((column, i) => (shown.has(i) ? column.natural : null))
  for (let excess = total('natural') - columns; excess > 0; excess--) {
    let widest = -1
    for (const i of shown) {
      const current = widths[i] ?? 0
      if (current > (wanted[i]?.least ?? 0) && current > (widths[widest] ?? 0)) widest = i
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  if (shown.size === 1) for (const i of shown) widths[i] = Math.min(widths[i] ?? 0, Math.max(0, columns))
  return widths
}

function pad(cell: Line, columns: number, { align, cut }: Pick<Column<never>, 'align' | 'cut'>, last: boolean): Line {
  const fitted = truncate(cell, columns, cut)
  const missing = columns - lineWidth(fitted)
  if (missing <= 0) return fitted
  if (align === 'right') return [blanks(missing), ...fitted]
  return last ? fitted : [...fitted, blanks(missing)]
}

/** A line whose last cells are empty ends with its text. */
function withoutTrailingBlanks(spans: Line): Line {
  const end = spans.findLastIndex(({ text }) => text.trim() !== '')
  return end === spans.length - 1 ? spans : spans.slice(0, end + 1)
}

function blanks(count: number): Span {
  return { text: ' '.repeat(count), tone: 'plain' }
}

function asLine(cell: Line | string): Line {
  return typeof cell === 'string' ? line(cell) : cell
}
