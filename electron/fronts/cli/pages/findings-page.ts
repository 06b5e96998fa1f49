/** What is wrong, as a page. */
import type { FindingRow } from '../../../contract/analysis.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'
import { several } from '../words.ts'

const tones: Record<FindingRow['severity'], Tone> = { critical: 'bad', warning: 'warning', info: 'plain' }

/** Below this a queue that stands still cannot be distinguished from one that is only slow (member-stalled.ts). */
const LONG_ENOUGH_MS = 10_000

export function findingsPage(rows: readonly FindingRow[], muted: number, columns: number, watchedMs: number): Line[] {
  const hidden = muted === 0 ? '' : ` ${several(muted, 'finding')} muted (--muted lists them).`
  const short =
    watchedMs < LONG_ENOUGH_MS ? ' A queue that stands still shows only in a longer look, such as --for 15s.' : ''
  if (rows.length === 0)
    return [line(`No findings in ${several(Math.round(watchedMs / 1000), 'second')}.${short}${hidden}`)]
  return [
    ...rows.flatMap((row) => [...finding(row, columns), line('')]),
    line(`${several(rows.length, 'finding')}.${hidden}`),
  ]
}

function finding(row: FindingRow, columns: number): Line[] {
  const margin = ' '.repeat(10)
  const paragraph = (text: string) => wrap(text, columns, margin).map((part) => line(part))
  const numbers = row.numbers
    .filter(({ value }) => value !== null)
    .map(({ name, value, unit }) => `${name}: ${figure(value ?? 0)}${unit === null ? '' : ` ${unit}`}`)
  return [
    line(span(row.severity.padEnd(8), tones[row.severity]), '  ', span(row.code, 'strong'), `  ${row.group}`),
    ...paragraph(row.summary),
    ...paragraph(numbers.join('; ')),
    ...paragraph(row.explanation),
    ...paragraph(row.advice),
  ]
}

function figure(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(3)))
}
