/** What happened: a strip of time, the log, and the chosen event. */
import { useState } from 'react'
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { useEventMatches } from '../../model/event-filter.ts'
import { NotLive } from '../../model/not-live.tsx'
import { useEvents, usePageStore, useSession } from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import { lastOptions } from '../../model/time-range.ts'
import { Waiting } from '../../model/waiting.tsx'
import { FailedPane } from '../../ui/failed-pane.tsx'
import { countOf } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import text from '../../ui/text.module.css'
import { Button } from '../../ui/widgets.tsx'
import { EventDocument } from './event-document.tsx'
import { EventList } from './event-list.tsx'
import { eventsSentence, eventsShown, type KindName, type RangeName } from './event-range.ts'
import { EventStrip } from './event-strip.tsx'
import css from './events-screen.module.css'
import { type RecordedLog, useRecordedEvents } from './recorded-events.ts'

/** `chosen` is the id of the selected event; null for the newest. */
export function EventsScreen({ chosen }: { chosen: number | null }) {
  const source = useSession(({ source }) => source)
  return (
    <>
      <h1 className={text.hidden}>Events</h1>
      {source === null ? (
        <LiveEvents chosen={chosen} />
      ) : source.kind === 'recording' ? (
        <RecordedEvents key={source.id} id={source.id} chosen={chosen} />
      ) : (
        <NotLive icon="events" title="A snapshot has no events">
          <p>It is one moment. A recording has events, and so has the live machine.</p>
        </NotLive>
      )}
    </>
  )
}

function LiveEvents({ chosen }: { chosen: number | null }) {
  const complete = useEvents(({ complete }) => complete)
  const problem = useEvents(({ problem }) => problem)
  const list = useEvents(({ list }) => list)
  const reached = useSession((session) => session.complete)
  const takenAt = useSession(({ sampling }) => sampling?.takenAt ?? null)
  const startedAt = useSession(({ machine }) => (machine === null ? null : Date.parse(machine.startedAt)))
  const { engine } = usePageStore()
  if (complete) {
    const to = takenAt === null ? Date.now() : Date.parse(takenAt)
    return <Events list={list} to={to} startedAt={startedAt} recorded={null} chosen={chosen} />
  }
  if (problem === null || !reached) return <Waiting />
  return <FailedPane title="Events are unavailable" problem={problem} again={engine.retryNow} />
}

function RecordedEvents({ id, chosen }: { id: string; chosen: number | null }) {
  const { log, problem } = useRecordedEvents(id)
  if (problem !== null) return <FailedPane title="The events of the recording could not be read" problem={problem} />
  if (log === null) return <Waiting />
  return <Events list={log.list} to={log.until} startedAt={null} recorded={log} chosen={chosen} />
}

const RANGE_OPTIONS = [...lastOptions('5m', '15m', '1h'), ['all', 'All'] as const]

const KIND_OPTIONS = [
  ['all', 'All'],
  ['trouble', 'Findings'],
  ['members', 'Members'],
  ['machine', 'Machine'],
] as const satisfies readonly (readonly [KindName, string])[]

type EventsProps = {
  /** The newest first. */
  list: readonly LoggedEvent[]
  /** The end of the time. */
  to: number
  startedAt: number | null
  /** The recording that they are of; null: live. */
  recorded: RecordedLog | null
  chosen: number | null
}

function Events({ list, to, startedAt, recorded, chosen }: EventsProps) {
  const stale = useSession(isStale)
  const [range, setRange] = useState<RangeName>(recorded === null ? '15m' : 'all')
  const [kind, setKind] = useState<KindName>('all')
  const matches = useEventMatches()
  const { source } = usePageStore()
  const shown = eventsShown(list, { range, kind, to }, matches)
  const { count, rest } = eventsSentence(shown, range, recorded === null ? 'the' : 'its')
  const event = list.find(({ id }) => id === chosen) ?? shown[0] ?? null
  const moment = event === null ? undefined : recorded?.snapshots.get(event.id)
  return (
    <div className={css.screen} data-screen="events" data-stale={stale || undefined}>
      <section className={css.verdict} aria-label="Summary">
        <p role="status">
          <b>{count}</b> {rest}
          {(recorded?.omitted ?? 0) > 0 && (
            <>
              {' '}
              {countOf(recorded?.omitted ?? 0, 'older event')} not shown:{' '}
              <code>reuseport-inspector events --from FILE</code> lists all.
            </>
          )}
        </p>
      </section>
      <section className={css.time} aria-label="Time">
        <div className={css.choices}>
          <SegmentedControl
            labeled="hidden"
            label="Time range"
            value={range}
            change={setRange}
            options={RANGE_OPTIONS}
          />
          <SegmentedControl
            labeled="hidden"
            label="Kind of event"
            value={kind}
            change={setKind}
            options={KIND_OPTIONS}
          />
        </div>
        <EventStrip
          events={shown}
          range={range}
          to={to}
          chosen={event?.id ?? null}
          startedAt={startedAt}
          end={recorded === null ? 'now' : 'end'}
        />
      </section>
      {shown.length === 0 && event === null ? (
        <NoEvents all={list.length} filtered={matches !== null} recorded={recorded !== null} />
      ) : (
        <div className={css.body}>
          <EventList events={shown} chosen={event?.id ?? null} />
          {event !== null && (
            <EventDocument
              event={event}
              showMoment={moment === undefined ? null : () => source.openSnapshotAt(moment)}
            />
          )}
        </div>
      )}
    </div>
  )
}

function NoEvents({ all, filtered, recorded }: { all: number; filtered: boolean; recorded: boolean }) {
  const { setFilter } = usePageStore().view
  if (all === 0 && recorded) {
    return (
      <Pane icon={<Icon name="events" />} title="Nothing happened in this recording">
        <p>No finding was raised or cleared, and no member joined or left.</p>
      </Pane>
    )
  }
  if (all === 0) {
    return (
      <Pane icon={<Icon name="events" />} title="Nothing has happened yet">
        <p>
          The engine notes findings that are raised and cleared, members that join and leave, reloads, network
          namespaces and BPF programs, also while no page is open.
        </p>
      </Pane>
    )
  }
  return (
    <Pane
      icon={<Icon name="events" />}
      title="No such events"
      ways={filtered ? <Button onPress={() => setFilter('')}>Clear the filter</Button> : undefined}
    >
      <p>
        {all === 1 ? 'One other event is' : `${all} other events are`} {recorded ? 'in the recording' : 'remembered'}.
      </p>
    </Pane>
  )
}
