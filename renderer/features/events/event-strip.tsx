/** The events of a range on a line of time. Decorative: the list below says the same. */
import { clsx } from 'clsx'
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { moveTo } from '../../model/route.ts'
import { formatClock } from '../../ui/format.ts'
import { RANGES, type RangeName } from './event-range.ts'
import { EventSign } from './event-signs.tsx'
import css from './event-strip.module.css'

/** With more events, only lines are drawn. */
const MAX_SIGNS = 40
/** Signs are at least this far apart, in shares of the strip. */
const SIGN_DISTANCE = 0.014
/** A strip of all events is at least this long: live, so that it grows slowly at first. */
const SHORTEST_MS = { now: 300_000, end: 10_000 } as const
const TICKS = [0, 0.25, 0.5, 0.75]

type Props = {
  events: readonly LoggedEvent[]
  range: RangeName
  to: number
  chosen: number | null
  /** When the engine was started: nothing is known of the time before. */
  startedAt: number | null
  /** What is at the right end. */
  end: 'now' | 'end'
}

export function EventStrip({ events, range, to, chosen, startedAt, end }: Props) {
  const oldest = events.at(-1)
  const begun = oldest === undefined ? to : Date.parse(oldest.at)
  const from = range === 'all' ? Math.min(begun, to - SHORTEST_MS[end]) : to - RANGES[range]
  const place = (at: number) => Math.min(Math.max((at - from) / (to - from), 0), 1)
  const left = (at: number) => `${(100 * place(at)).toFixed(2)}%`
  const signed = withSigns(events, chosen, (event) => place(Date.parse(event.at)))
  return (
    <div className={css.strip} aria-hidden="true">
      <div className={css.line}>
        {startedAt !== null && startedAt > from && (
          <span
            className={css.gap}
            style={{ left: 0, right: `${(100 * (1 - place(startedAt))).toFixed(2)}%` }}
            title="Before the engine started"
          />
        )}
        {events.map((event) =>
          event.kind === 'unwatched' ? (
            <span
              key={event.id}
              className={css.gap}
              style={{
                left: left(Date.parse(event.at)),
                right: `${(100 * (1 - place(Date.parse(event.until ?? event.at)))).toFixed(2)}%`,
              }}
              title={event.summary}
            />
          ) : (
            <span
              key={event.id}
              className={clsx(
                css.mark,
                event.id === chosen && css.chosen,
                ((event.lost ?? 0) > 0 || (event.kind === 'raised' && event.severity === 'critical')) && css.critical,
              )}
              style={{ left: left(Date.parse(event.at)) }}
              onClick={() => moveTo({ screen: 'events', event: event.id })}
            >
              {signed.has(event.id) && <EventSign event={event} />}
            </span>
          ),
        )}
      </div>
      <div className={css.times}>
        {TICKS.map((share) => (
          <span key={share} style={{ left: `${100 * share}%` }}>
            {formatClock(from + share * (to - from)).slice(0, to - from < 600_000 ? 8 : 5)}
          </span>
        ))}
        <span className={css.now}>{end}</span>
      </div>
    </div>
  )
}

/** The events whose signs have room; the chosen one always has. */
function withSigns(
  events: readonly LoggedEvent[],
  chosen: number | null,
  place: (event: LoggedEvent) => number,
): ReadonlySet<number> {
  const signed = new Set<number>(chosen === null ? [] : [chosen])
  if (events.length > MAX_SIGNS) return signed
  const taken = events.filter(({ id }) => id === chosen).map(place)
  for (const event of events) {
    const at = place(event)
    if (taken.some((other) => Math.abs(other - at) < SIGN_DISTANCE)) continue
    taken.push(at)
    signed.add(event.id)
  }
  return signed
}
