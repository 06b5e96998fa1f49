/** The filter language: what it means, and which groups match. Parsing is in parse.ts, the keys in keys.ts. */
import type { FindingRow } from '../../electron/contract/analysis.ts'
import type { GroupRow } from '../../electron/contract/live.ts'
import type { Trouble } from '../groups/trouble.ts'
import { addressText, protocolName } from '../ui/format.ts'

/** What a filter looks at. */
export type Subject = {
  row: GroupRow
  /** The name of the row's network namespace. */
  namespace: string
  trouble: Trouble
  /** What was found about it, muted ones too. */
  findings: readonly FindingRow[]
}

export type Test = (subject: Subject) => boolean

/** One word of the filter. */
export type Term = {
  /** As it was typed, quotes and all. */
  raw: string
  /** Where it stands in the text: [start, end). */
  start: number
  end: number
  negated: boolean
  /** null for plain text. */
  key: string | null
  value: string
  /** null where the term cannot be understood: it then restricts nothing. */
  test: Test | null
  /** What is wrong with it, as a sentence. */
  error: string | null
}

export type Filter = { text: string; terms: readonly Term[] }

/** Everything about a group that can be read in its row, in lower case. */
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
 * One test for a whole filter. Words and different keys narrow down; the same key given twice means either; a negated
 * term always excludes. A term that cannot be understood restricts nothing.
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
