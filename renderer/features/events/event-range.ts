/** Which events are shown: by time, by kind, and by the filter of all screens. */
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { countOf, formatCount } from '../../ui/format.ts'

export const RANGES = { '5m': 300_000, '15m': 900_000, '1h': 3_600_000, all: Number.POSITIVE_INFINITY } as const
export type RangeName = keyof typeof RANGES

const KINDS = {
  all: null,
  trouble: new Set<LoggedEvent['kind']>(['raised', 'cleared']),
  members: new Set<LoggedEvent['kind']>(['joined', 'left', 'reload']),
  machine: new Set<LoggedEvent['kind']>(['namespace', 'program', 'unwatched']),
} as const
export type KindName = keyof typeof KINDS

/** The events of a range that ends at `to`, of some kinds, that match the filter. Those of no group match none. */
export function eventsShown(
  list: readonly LoggedEvent[],
  { range, kind, to }: { range: RangeName; kind: KindName; to: number },
  matches: ((event: LoggedEvent) => boolean) | null,
): LoggedEvent[] {
  const from = to - RANGES[range]
  const kinds = KINDS[kind]
  return list.filter(
    (event) =>
      Date.parse(event.until ?? event.at) >= from &&
      (kinds === null || kinds.has(event.kind)) &&
      (matches === null || matches(event)),
  )
}

const SPANS = { '5m': '5 minutes', '15m': '15 minutes', '1h': 'hour' } as const

/**
 * "14 events in the last hour.", and "2 of 3 reloads lost connections, at least 16." `whose`: "its" last hour, where a
 * recording has ended.
 */
export function eventsSentence(
  events: readonly LoggedEvent[],
  range: RangeName,
  whose: 'the' | 'its' = 'the',
): { count: string; rest: string } {
  const span = range === 'all' ? '' : ` in ${whose} last ${SPANS[range]}`
  const count = `${events.length === 0 ? 'No events' : countOf(events.length, 'event')}${span}.`
  const reloads = events.filter(({ kind }) => kind === 'reload')
  const costly = reloads.filter(({ lost }) => (lost ?? 0) > 0)
  const lost = costly.reduce((sum, event) => sum + (event.lost ?? 0), 0)
  return { count, rest: reloadSentence(reloads.length, costly.length, lost) }
}

function reloadSentence(reloads: number, costly: number, lost: number): string {
  const connections = countOf(lost, 'connection')
  if (reloads === 0) return ''
  if (reloads === 1)
    return costly === 0 ? 'The reload lost no connections.' : `The reload lost at least ${connections}.`
  if (costly === 0) return `None of ${reloads} reloads lost connections.`
  return `${costly} of ${reloads} reloads lost connections, at least ${formatCount(lost)}.`
}
