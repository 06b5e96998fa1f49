/** The filter language: terms and matching. Parsing is in parse.ts, the keys in keys.ts. Used by every front. */
import { addressPart, protocolName } from '../format.ts'
import type { GroupRow } from '../live.ts'
import type { Severity } from '../model.ts'

/** What a filter is applied to: a group, and what is known about it. */
export type Subject = {
  readonly row: FilteredRow
  /** The name of the row's network namespace. */
  readonly namespace: string
  /** Its state, with a tag of a few words for people. */
  readonly trouble: { readonly severity: Severity | 'none'; readonly tag: string | null }
  /** Its findings, including muted ones. */
  readonly findings: readonly { readonly code: string; readonly muted: boolean }[]
  /** When its values were read, in milliseconds since the epoch. */
  readonly takenAt: number
}

/** The fields of a group that a filter reads. */
export type FilteredRow = Pick<
  GroupRow,
  | 'protocol'
  | 'family'
  | 'address'
  | 'port'
  | 'interface'
  | 'netns'
  | 'uid'
  | 'user'
  | 'sharing'
  | 'evidence'
  | 'receiving'
  | 'owners'
  | 'ownersHidden'
  | 'pids'
  | 'queue'
  | 'fullest'
  | 'imbalance'
  | 'drops'
  | 'dropsPerSecond'
  | 'given'
> & {
  /** null where it is unknown, as in a snapshot. */
  readonly firstSeenAt: string | null
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

/** The texts of a group's row that plain words match, in lower case. */
export function plainTexts({ row, namespace, trouble }: Subject): string[] {
  return [
    protocolName(row),
    `${addressPart(row)}:${row.port}`,
    namespace,
    ...row.owners.flatMap(({ command, service }) => (service === null ? [command] : [command, service])),
    row.user ?? (row.uid === null ? '' : `uid ${row.uid}`),
    row.sharing,
    row.evidence,
    trouble.tag ?? '',
  ].map((text) => text.toLowerCase())
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
