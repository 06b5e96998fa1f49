/** An event before it is numbered. */
import type { LoggedEvent } from '../../../contract/events.ts'
import { formatCount, formatDuration } from '../../../contract/format.ts'
import type { GroupKey } from '../../../contract/model.ts'

export type EventDraft = Omit<LoggedEvent, 'id'>

/** Where events go, and what they say of places. */
export type EventSink = {
  /** An event with the number of an earlier one replaces it. Returns the number. */
  readonly put: (event: EventDraft, replaces?: number) => number
  /** The name of a network namespace by its inode; null where it has none. */
  readonly nameOf: (inode: number) => string | null
}

/** An event of a moment, about nothing yet. */
export function momentAt(at: string): Omit<EventDraft, 'kind' | 'summary'> {
  return {
    at,
    until: at,
    severity: null,
    key: null,
    namespace: null,
    owner: null,
    lost: null,
    finding: null,
    incident: null,
    generations: null,
  }
}

export function namespaceOf(key: GroupKey, { nameOf }: EventSink): EventDraft['namespace'] {
  return { inode: key.netns, name: nameOf(key.netns) ?? String(key.netns) }
}

/** Nothing was read from `from` to `to`, in milliseconds since 1970; `lost` is what the counters say of that time, null where unknown. */
export function unwatchedEvent(from: number, to: number, lost: number | null): EventDraft {
  const counted = lost === 0 ? 'nothing lost' : `${formatCount(lost ?? 0)} lost`
  const losses = lost === null ? 'losses unknown' : `${counted} meanwhile by the counters`
  return {
    ...momentAt(new Date(from).toISOString()),
    until: new Date(to).toISOString(),
    kind: 'unwatched',
    lost,
    summary: `not watched for ${formatDuration(to - from)}: ${losses}`,
  }
}
