/** The chosen event: what changed, what it cost, and how that is known. */
import { clsx } from 'clsx'
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import { clearedIncidents, clearedWith } from '../../model/findings/cleared-incidents.ts'
import { hrefOf } from '../../model/route.ts'
import { useEvents, useFindings } from '../../model/store/context.ts'
import control from '../../ui/control.module.css'
import { CommandLine } from '../../ui/copying.tsx'
import { addressText, countOf, formatClock, formatCount, formatSpan } from '../../ui/format.ts'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button, buttonClass } from '../../ui/widgets.tsx'
import css from './event-document.module.css'
import { EventSign } from './event-signs.tsx'

/** `showMoment`: shows the snapshot of a recording that has it; null where none is open. */
export function EventDocument({ event, showMoment }: { event: LoggedEvent; showMoment: (() => void) | null }) {
  const { kind, key, lost, generations, namespace, summary } = event
  const source = sourceOf(event)
  return (
    <article className={css.document} aria-label="Selected event">
      <header>
        <EventSign event={event} />
        <h2>{visibleText(summary)}</h2>
      </header>
      <p className={clsx(text.second, css.place)}>
        <span>{timeText(event)}</span>
        {key !== null && (
          <span className={text.mono}>
            {addressText(key.address, key.family, key.interface)}:{key.port} {protocolName(key)}
          </span>
        )}
        {namespace !== null && <span>{visibleText(namespace.name)}</span>}
        {event.owner !== null && <span>{visibleText(event.owner)}</span>}
      </p>
      {generations !== null && <Generations generations={generations} />}
      {lost !== null && kind !== 'unwatched' && (
        <dl>
          <dt>{kind === 'cleared' ? 'Lost meanwhile' : 'Reset at least'}</dt>
          <dd className={lost > 0 ? text.bad : undefined}>{formatCount(lost)}</dd>
        </dl>
      )}
      {source !== null && (
        <>
          <h3>Evidence</h3>
          <p>{source}</p>
        </>
      )}
      {kind === 'reload' && (lost ?? 0) > 0 && (
        <>
          <h3>Next time</h3>
          <p>Let the kernel move waiting connections to another member of the group before the old ones close.</p>
          <CommandLine command="sudo sysctl net.ipv4.tcp_migrate_req=1" />
        </>
      )}
      <Links event={event} showMoment={showMoment} />
    </article>
  )
}

function Links({ event, showMoment }: { event: LoggedEvent; showMoment: (() => void) | null }) {
  const { key, finding, incident } = event
  const raised = useFindings(({ list }) => finding !== null && list.some(({ id }) => id === finding))
  const over = useEvents(({ list }) => finding !== null && incident !== null && isOver(list, finding, incident.beganAt))
  if (key === null && showMoment === null) return null
  return (
    <div className={clsx(control.row, css.ways)}>
      {showMoment !== null && <Button onPress={showMoment}>Show this moment</Button>}
      {key !== null && (
        <a className={buttonClass()} href={hrefOf({ screen: 'group', id: key.id })}>
          Open group
        </a>
      )}
      {finding !== null && (over || raised) && (
        <a
          className={buttonClass()}
          href={hrefOf({
            screen: 'findings',
            finding,
            ...(over && incident !== null ? { began: Date.parse(incident.beganAt) } : {}),
          })}
        >
          {over ? 'Open incident' : 'Open finding'}
        </a>
      )}
    </div>
  )
}

function isOver(list: readonly LoggedEvent[], finding: string, beganAt: string): boolean {
  return clearedWith(clearedIncidents(list), finding, Date.parse(beganAt)) !== undefined
}

function Generations({ generations: { before, after } }: { generations: NonNullable<LoggedEvent['generations']> }) {
  return (
    <div className={css.generations}>
      <Generation title="Before" generation={before} />
      <span aria-hidden="true">→</span>
      <Generation title="After" generation={after} />
    </div>
  )
}

function Generation(props: { title: string; generation: NonNullable<LoggedEvent['generations']>['before'] }) {
  const { title, generation } = props
  return (
    <section aria-label={title}>
      <span className={text.quiet}>{title}</span>
      <b>{countOf(generation.members, 'member')}</b>
      <span>
        {generation.processes === 0 ? 'no visible process' : countOf(generation.processes, 'process', 'processes')}
        {generation.startedAt !== null && `, started ${formatClock(Date.parse(generation.startedAt))}`}
      </span>
      {generation.pids.length > 0 && (
        <span className={text.mono} title={generation.pids.join(', ')}>
          {generation.pids.slice(0, 6).join(' ')}
          {generation.processes > 6 && ' …'}
        </span>
      )}
    </section>
  )
}

function timeText({ at, until }: LoggedEvent): string {
  const began = Date.parse(at)
  const day = new Date(began).toDateString() === new Date().toDateString()
  const clock = day ? formatClock(began) : new Date(began).toLocaleString('en-GB')
  if (until === null) return `${clock}, going on`
  const ms = Date.parse(until) - began
  return ms > 0 ? `${clock}, lasted ${formatSpan(ms)}` : clock
}

/** How it is known, and what the numbers cannot show; null where the event says it itself. */
function sourceOf({ kind, lost }: LoggedEvent): string | null {
  const losses =
    lost === null
      ? ''
      : ' The connections are those that waited in the queues of closed members at the last refresh before they closed; any that arrived between that refresh and the close are not counted.'
  switch (kind) {
    case 'reload':
      return `Sockets or processes of the group were replaced within one episode. Processes are compared by pid, sockets by cookie.${losses}`
    case 'joined':
    case 'left':
      return `Members are compared by cookie from refresh to refresh. One that opened and closed between two refreshes is not seen.${losses}`
    case 'cleared':
      return lost === null
        ? null
        : 'Losses are the difference of the kernel’s drop counters, from when it was raised until it cleared.'
    case 'unwatched':
      return 'No refresh was made: the engine was paused, or the machine was suspended. Losses are the difference of the kernel’s drop counters before and after, for sockets that existed at both times.'
    case 'program':
      return 'Read from the kernel by the BPF reader.'
    case 'raised':
    case 'namespace':
      return null
  }
}
