/** Applies the filters of a command line to events. */
import type { EventKind, LoggedEvent } from '../../contract/events.ts'
import { EVENT_KINDS } from '../../contract/values.ts'
import { usageError } from './failure.ts'
import { keyTest } from './key-filter.ts'
import { type KeyFilters, selectionOf } from './option-values.ts'

export type EventFilters = KeyFilters & { readonly kind?: readonly EventKind[]; readonly filter?: string }

/** The test for an event that matches all filters. One that is about no group matches only `netns` and `kind`. */
export function eventTest(filters: EventFilters): (event: LoggedEvent) => boolean {
  const { netns, user, kind: kinds } = filters
  const { netns: _, all: __, filter: ___, ...ofGroups } = selectionOf(filters)
  const aboutGroups = Object.keys(ofGroups).length > 0
  const passes = keyTest(ofGroups)
  return ({ key, namespace, kind }) =>
    (kinds === undefined || kinds.includes(kind)) &&
    (netns === undefined || namespace?.name === netns || String(namespace?.inode) === netns) &&
    (key === null ? !aboutGroups : passes(key) && (user === undefined || key.user === user || String(key.uid) === user))
}

/** "reload,left". Throws a usage error for anything but kinds of events. */
export function parseKinds(text: string): EventKind[] {
  const words = text.split(',').map((word) => word.trim())
  const unknown = words.find((word) => !EVENT_KINDS.some((known) => known === word))
  if (unknown !== undefined)
    throw usageError(`'${unknown}' is not a kind of event: choose from ${EVENT_KINDS.join(', ')}.`)
  return EVENT_KINDS.filter((known) => words.includes(known))
}
