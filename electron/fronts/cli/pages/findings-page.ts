/** The page of `findings`. */

import type { FindingRow } from '../../../contract/analysis.ts'
import { formatCount } from '../../../contract/format.ts'
import type { Namespace } from '../../../contract/model.ts'
import { namespaceName, needsNamespaceColumn, pluralize } from '../format.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'

const tones: Record<FindingRow['severity'], Tone> = { critical: 'bad', warning: 'warning', info: 'plain' }

/** In a shorter time a stuck queue cannot be distinguished from a slow one (member-stalled.ts). */
const MIN_STUCK_MS = 10_000

export type About = {
  /** Muted findings that are not listed. */
  readonly muted: number
  readonly watchedMs: number
  /** The namespaces of the machine, for their names. */
  readonly namespaces: readonly Namespace[]
}

export function findingsPage(
  rows: readonly FindingRow[],
  { muted, watchedMs, namespaces }: About,
  columns: number,
): Line[] {
  const hidden = muted === 0 ? '' : ` ${pluralize(muted, 'finding')} muted (--muted lists them).`
  const short = watchedMs < MIN_STUCK_MS ? ' Detecting a stuck queue takes longer: use --for 15s.' : ''
  if (rows.length === 0)
    return [line(`No findings in ${pluralize(Math.round(watchedMs / 1000), 'second')}.${short}${hidden}`)]
  return [
    ...rows.flatMap((row) => [...finding(row, namespaces, columns), line('')]),
    line(`${pluralize(rows.length, 'finding')}.${short}${hidden}`),
  ]
}

function finding(row: FindingRow, namespaces: readonly Namespace[], columns: number): Line[] {
  const margin = ' '.repeat(10)
  const paragraph = (text: string) => wrap(text, columns, margin).map((part) => line(part))
  const numbers = row.evidence
    .filter(({ value }) => value !== null)
    .map(({ name, value, unit }) => `${name}: ${figure(value ?? 0)}${unit === null ? '' : ` ${unit}`}`)
  const { netns } = row.key
  const where = needsNamespaceColumn([netns], namespaces) ? `  in ${namespaceName(netns, namespaces)}` : ''
  return [
    line(span(row.severity.padEnd(8), tones[row.severity]), '  ', span(row.code, 'strong'), `  ${row.group}${where}`),
    ...paragraph(row.summary),
    ...paragraph(numbers.join('; ')),
    ...paragraph(row.explanation),
    ...paragraph(row.advice),
  ]
}

function figure(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(3)))
}
