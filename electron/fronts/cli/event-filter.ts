/** Applies the filters of a command line to events. */
import type { EventKind, LoggedEvent } from '../../contract/events.ts'
import { EVENT_KINDS } from '../../contract/values.ts'
import { usageError } from './failure.ts'
import type { Filters } from './option-values.ts'

export type EventFilters = Omit<Filters, 'all'> & { readonly kind?: readonly EventKind[] }

/** True for an event that matches all filters. One that is about no group matches only `netns` and `kind`. */
export function matchesEvent(
  { key, namespace, kind }: LoggedEvent,
  { protocol, port, netns, user, sharing, kind: kinds }: EventFilters,
): boolean {
  const aboutGroups = [protocol, port, user, sharing].some((value) => value !== undefined)
  return (
    (kinds === undefined || kinds.includes(kind)) &&
    (netns === undefined || namespace?.name === netns || String(namespace?.inode) === netns) &&
    (key === null
      ? !aboutGroups
      : (protocol === undefined || key.protocol === protocol) &&
        (port === undefined || key.port === port) &&
        (user === undefined || key.user === user || String(key.uid) === user) &&
        (sharing === undefined || key.sharing === sharing))
  )
}

/** "reload,left". Throws a usage error for anything but kinds of events. */
export function parseKinds(text: string): EventKind[] {
  const words = text.split(',').map((word) => word.trim())
  const unknown = words.find((word) => !EVENT_KINDS.some((known) => known === word))
  if (unknown !== undefined)
    throw usageError(`'${unknown}' is not a kind of event: choose from ${EVENT_KINDS.join(', ')}.`)
  return EVENT_KINDS.filter((known) => words.includes(known))
}
