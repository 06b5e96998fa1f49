/** `--filter`: the filter language of the window, on the command line. */
import type { FindingRow } from '../../contract/analysis.ts'
import type { LoggedEvent } from '../../contract/events.ts'
import { type Filter, matcher, type Term } from '../../contract/filter/filter.ts'
import { KEYS } from '../../contract/filter/keys.ts'
import { parseFilter } from '../../contract/filter/parse.ts'
import { eventSubject, groupSubject, keySubject } from '../../contract/filter/subjects.ts'
import { namespaceNames } from '../../contract/format.ts'
import type { GroupRow } from '../../contract/live.ts'
import type { Namespace } from '../../contract/model.ts'
import { usageError } from './failure.ts'

/** What an event does not say of its group. */
const NOT_OF_EVENTS: ReadonlySet<string> = new Set([
  'unit',
  'queue',
  'drops',
  'imbalance',
  'age',
  'is',
  'finding',
  'unknown',
])
/** What /proc says of a group. */
const OF_OWNERS: ReadonlySet<string> = new Set(['owner', 'unit', 'pid'])

/** The filter. Throws a usage error that shows the place of the first term that this command cannot use. */
export function parseGroupFilter(text: string, command: string, { owners = true }: { owners?: boolean } = {}): Filter {
  const filter = parseFilter(text)
  for (const term of filter.terms) {
    const error = term.error ?? unusable(term, command, owners)
    if (error !== null)
      throw usageError(`--filter: ${error}\n  ${text}\n  ${' '.repeat(term.start)}${'^'.repeat(term.end - term.start)}`)
  }
  return filter
}

function unusable({ key }: Term, command: string, owners: boolean): string | null {
  if (key === null) return null
  if (!owners && OF_OWNERS.has(key)) return `${key}: matches owners, which --no-owners does not read.`
  if (command === 'events')
    return NOT_OF_EVENTS.has(key) ? `${key}: is not recorded with events. ${usableKeys(NOT_OF_EVENTS)}` : null
  return key === 'age' && command !== 'watch'
    ? `age: counts from the first reading, and \`${command}\` has only just begun to read. \`watch\` knows it.`
    : null
}

function usableKeys(not: ReadonlySet<string>): string {
  return `Use ${KEYS.map(({ name }) => name)
    .filter((name) => !not.has(name))
    .join(', ')}.`
}

/** Whether an event matches; one that is about no group does not. */
export function eventMatcher(filter: Filter): (event: LoggedEvent) => boolean {
  const test = matcher(filter.terms)
  return (event) => {
    const subject = eventSubject(event)
    return subject !== null && test(subject)
  }
}

/** Whether the group of a finding matches; of one that is gone, only the key is known. */
export function findingMatcher(
  filter: Filter,
  found: readonly FindingRow[],
  groups: ReadonlyMap<string, GroupRow>,
  namespaces: readonly Namespace[],
): (finding: FindingRow) => boolean {
  const test = matcher(filter.terms)
  const now = Date.now()
  const nameOf = namespaceNames(namespaces)
  return ({ key }) => {
    const row = groups.get(key.id)
    const own = found.filter(({ group }) => group === key.id)
    return test(
      row === undefined ? keySubject(key, nameOf(key.netns), now) : groupSubject(row, own, nameOf(key.netns), now),
    )
  }
}
