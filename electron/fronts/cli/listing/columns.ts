/** The columns of a list by name, each with a value for programs. */
import { usageError } from '../failure.ts'
import type { Column } from '../layout.ts'

/** null is unknown; an empty text does not apply. */
export type Value = string | number | null

export type ListColumn<Row> = {
  /** One word, as --columns, --sort and the head of the list have it. */
  readonly name: string
  readonly about: string
  /** Shown without being asked for. */
  readonly shown: boolean
  readonly value: (row: Row) => Value
  /** A sentence: it stands last, and keeps its spaces in a pipe, as CMD does in ps(1). */
  readonly prose?: true
  /** Asked for by name: on a narrow terminal others are dropped first. */
  readonly asked?: boolean
}

/** A column: for those who ask by name, for programs, and on the page that a terminal shows by default. */
export type ColumnEntry<Row> = {
  readonly list?: ListColumn<Row>
  readonly page?: Column<Row>
  /** False where the page does not need it for its rows. */
  readonly paged?: boolean
}

export function listColumns<Row>(entries: readonly ColumnEntry<Row>[]): ListColumn<Row>[] {
  return entries.flatMap(({ list }) => list ?? [])
}

export function pageColumns<Row>(entries: readonly ColumnEntry<Row>[]): Column<Row>[] {
  return entries.flatMap(({ page, paged = true }) => (page !== undefined && paged ? page : []))
}

/**
 * The columns that --columns asks for: `a,b` these, `+a,-b` more and fewer than those that are shown by default. Throws
 * a usage error for an unknown name.
 */
export function chosenColumns<Row>(
  columns: readonly ListColumn<Row>[],
  text: string | undefined,
  extended: readonly string[] = [],
): ListColumn<Row>[] {
  const words = text === undefined ? [] : text.split(',').map((word) => word.trim())
  const known = (word: string) => named(columns, word.replace(/^[+-]/, ''))
  const relative = words.every((word) => /^[+-]/.test(word))
  if (!relative) {
    const mixed = words.find((word) => /^[+-]/.test(word))
    if (mixed !== undefined) throw usageError(`--columns takes names, or changes such as +uid,-id: not both.`)
    return words.map(known)
  }
  const added = new Set([...words.filter((word) => word.startsWith('+')), ...extended].map(known))
  const removed = new Set(words.filter((word) => word.startsWith('-')).map(known))
  return columns
    .filter((column) => (column.shown || added.has(column)) && !removed.has(column))
    .map((column) => (added.has(column) ? { ...column, asked: true } : column))
}

/** The order that --sort asks for: `queue`, the smallest first, or `-queue`; what is unknown or does not apply last. */
export function sortedRows<Row>(columns: readonly ListColumn<Row>[], rows: readonly Row[], text: string): Row[] {
  const { value } = named(columns, text.replace(/^[+-]/, ''))
  const direction = text.startsWith('-') ? -1 : 1
  const isMissing = (one: Value) => one === null || one === ''
  return rows
    .map((row) => ({ row, key: value(row) }))
    .sort((a, b) => {
      if (isMissing(a.key) || isMissing(b.key)) return Number(isMissing(a.key)) - Number(isMissing(b.key))
      return direction * compare(a.key, b.key)
    })
    .map(({ row }) => row)
}

function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}

function named<Row>(columns: readonly ListColumn<Row>[], name: string): ListColumn<Row> {
  const column = columns.find((one) => one.name === name)
  if (column !== undefined) return column
  throw usageError(`'${name}' is not a column. The columns are: ${columns.map((one) => one.name).join(', ')}.`)
}
