/** The filter language: terms and matching. Parsing is in parse.ts, the keys in keys.ts. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { addressText, protocolName } from '../../ui/format.ts'
import type { GroupSeverity } from '../groups/severity.ts'

/** What a filter is applied to. */
export type Subject = {
  row: GroupRow
  /** The name of the row's network namespace. */
  namespace: string
  trouble: GroupSeverity
  /** Its findings, including muted ones. */
  findings: readonly FindingRow[]
}

export type Test = (subject: Subject) => boolean

/** One word of the filter. */
export type Term = {
  /** As typed, including quotes. */
  raw: string
  /** Its position in the text: [start, end). */
  start: number
  end: number
  negated: boolean
  /** null for plain text. */
  key: string | null
  value: string
  /** null if the term is invalid: it then restricts nothing. */
  test: Test | null
  /** The error as a sentence, or null. */
  error: string | null
}

export type Filter = { text: string; terms: readonly Term[] }

/** The text of a group's row, in lower case. */
export function plainText({ row, namespace, trouble }: Subject): string {
  const owners = row.owners.map(({ command, service }) => `${command} ${service ?? ''}`).join(' ')
  return [
    protocolName(row.protocol, row.family),
    `${addressText(row.address, row.family, row.interface)}:${row.port}`,
    namespace,
    owners,
    row.user ?? (row.uid === null ? '' : `uid ${row.uid}`),
    row.sharing,
    row.evidence,
    trouble.tag ?? '',
  ]
    .join(' ')
    .toLowerCase()
}

/**
 * One test for a whole filter. Words and different keys narrow the result; repeating a key means OR; a negated term
 * always excludes. An invalid term restricts nothing.
 */
export function matcher(terms: readonly Term[]): Test {
  const all: Test[] = []
  const either = new Map<string, Test[]>()
  for (const { key, negated, test } of terms) {
    if (!test) continue
    if (negated) all.push((subject) => !test(subject))
    else if (key === null) all.push(test)
    else either.set(key, [...(either.get(key) ?? []), test])
  }
  for (const tests of either.values()) all.push((subject) => tests.some((test) => test(subject)))
  return (subject) => all.every((test) => test(subject))
}
