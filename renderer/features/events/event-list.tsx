/**
 * The log, the newest first, virtualized. The list keeps the focus and the keyboard moves the selection, so only visible
 * events are rendered.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { memo, useLayoutEffect, useRef } from 'react'
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import { goTo, moveTo } from '../../model/route.ts'
import { addressText, formatClock, formatCount } from '../../ui/format.ts'
import { nextIndex } from '../../ui/list-keys.ts'
import { type OptionPlace, optionProps } from '../../ui/option-props.ts'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import css from './event-list.module.css'
import { EventSign } from './event-signs.tsx'

/** Height of event-list.module.css. */
const ROW_REM = 1.75
const OVERSCAN = 10
const PAGE = 15

export function EventList({ events, chosen }: { events: readonly LoggedEvent[]; chosen: number | null }) {
  const box = useRef<HTMLDivElement>(null)
  const height = ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const virtualizer = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => events[index]?.id ?? index,
    overscan: OVERSCAN,
    useFlushSync: false,
  })
  useSteadyScroll(box, events[0]?.id ?? null, events, height)
  const at = events.findIndex(({ id }) => id === chosen)
  const items = virtualizer.getVirtualItems()
  // Only a row in view is in the document.
  const rendered = items.some(({ index }) => index === at)
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const key = events[at]?.key
    if (event.key === 'Enter' && key != null) goTo({ screen: 'group', id: key.id })
    else {
      const to = nextIndex(event.key, at, PAGE, events.length)
      if (to === null) return
      const next = events[Math.min(Math.max(to, 0), events.length - 1)]
      if (next !== undefined) moveTo({ screen: 'events', event: next.id })
      virtualizer.scrollToIndex(Math.min(Math.max(to, 0), events.length - 1))
    }
    event.preventDefault()
  }
  return (
    <div className={css.log}>
      <div className={clsx(css.row, css.head)} aria-hidden="true">
        <span>Time</span>
        <span />
        <span>Kind</span>
        <span>Group</span>
        <span>Event</span>
        <span className={css.lost}>Lost</span>
      </div>
      <div
        ref={box}
        className={css.box}
        role="listbox"
        aria-label="Events, the newest first"
        aria-activedescendant={rendered && chosen !== null ? elementId(chosen) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" className={css.space} style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const event = events[index]
            if (event === undefined) return null
            return (
              <Row key={key} event={event} top={start} chosen={event.id === chosen} at={index + 1} of={events.length} />
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** New events above do not move what is being read, unless the list is at its top. */
function useSteadyScroll(
  box: React.RefObject<HTMLDivElement | null>,
  newest: number | null,
  events: readonly LoggedEvent[],
  height: number,
): void {
  const before = useRef(newest)
  useLayoutEffect(() => {
    const added = before.current === null ? 0 : events.findIndex(({ id }) => id === before.current)
    before.current = newest
    const element = box.current
    if (element !== null && element.scrollTop > 0 && added > 0) element.scrollTop += added * height
  }, [box, newest, events, height])
}

function elementId(id: number): string {
  return `event-${id}`
}

type RowProps = OptionPlace & { event: LoggedEvent }

const Row = memo(function Row({ event, ...place }: RowProps) {
  const { id, kind, severity, key, lost, summary, namespace } = event
  const loses = (lost ?? 0) > 0
  return (
    <div
      id={elementId(id)}
      className={clsx(
        css.row,
        css.event,
        kind === 'raised' && severity === 'critical' && css.critical,
        kind === 'unwatched' && css.unwatched,
      )}
      {...optionProps(place)}
      title={visibleText(summary)}
      onClick={() => moveTo({ screen: 'events', event: id })}
    >
      <time className={text.mono} dateTime={event.at}>
        {formatClock(Date.parse(event.at))}
      </time>
      <EventSign event={event} />
      <span className={css.kind}>{kind}</span>
      <span className={clsx(text.mono, css.where)}>
        {key === null ? (
          visibleText(namespace?.name ?? '')
        ) : (
          <>
            {addressText(key.address, key.family, key.interface)}:<b>{key.port}</b>{' '}
            <span className={text.quiet}>{protocolName(key)}</span>
          </>
        )}
      </span>
      <span className={css.summary}>{visibleText(summary)}</span>
      <span className={clsx(css.lost, loses && css.loses)}>{lost === null ? '' : formatCount(lost)}</span>
    </div>
  )
})
