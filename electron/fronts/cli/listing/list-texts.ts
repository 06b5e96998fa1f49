/** A list for programs, which needs no widths of characters: what lays out text for people takes long to load. */
import { csvLine } from '../../../engine/snapshots/index.ts'
import { sanitize } from '../sanitize.ts'
import type { ListColumn, Value } from './columns.ts'

const GAP = '  '
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/**
 * The table of a pipe: every cell one word, numbers raw, nothing dropped. null where a character is not ASCII, and may
 * be wider than one column.
 */
export function plainTable<Row>(
  columns: readonly ListColumn<Row>[],
  rows: readonly Row[],
  head: boolean,
): string | null {
  const layout = columns.map(({ name, value, prose }) => {
    const values = rows.map(value)
    const text = prose === true ? sentence : plainCell
    return {
      texts: [...(head ? [name.toUpperCase()] : []), ...values.map(text)],
      right: values.some((one) => typeof one === 'number'),
    }
  })
  if (layout.some(({ texts }) => !texts.every((text) => PRINTABLE_ASCII.test(text)))) return null
  const padded = layout.map(({ texts, right }) => {
    const width = texts.reduce((widest, text) => Math.max(widest, text.length), 0)
    return texts.map((text) => (right ? text.padStart(width) : text.padEnd(width)))
  })
  const lines = Array.from({ length: rows.length + Number(head) }, (_, at) =>
    padded.map((texts) => texts[at] ?? '').join(GAP),
  )
  return lines.map((text) => `${text.trimEnd()}\n`).join('')
}

/** A value as one word: a space in the name of a command would be one more column to a program. */
export function plainCell(value: Value): string {
  if (value === null) return 'unknown'
  return value === '' ? '-' : sanitize(String(value)).replace(/\s/g, '\\x20')
}

/** A sentence, in the last column. */
export function sentence(value: Value): string {
  return sanitize(String(value ?? 'unknown'))
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
