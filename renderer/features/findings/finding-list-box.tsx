/**
 * The findings by severity, virtualized. The list keeps the focus and the keyboard moves the selection, so only visible
 * findings are rendered.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { memo, useEffect, useMemo, useRef } from 'react'
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { isLabGroup } from '../../../electron/contract/constants.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import { useMuting } from '../../model/findings/mute.ts'
import { shortSummary } from '../../model/findings/short-summary.ts'
import { goTo, moveTo } from '../../model/route.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { addressText, countOf } from '../../ui/format.ts'
import { nextIndex } from '../../ui/list-keys.ts'
import { type OptionPlace, optionProps } from '../../ui/option-props.ts'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { nameInText, visibleText } from '../../ui/visible-text.ts'
import { LabTag } from '../../ui/widgets.tsx'
import css from './finding-list-box.module.css'
import type { ListItem } from './list-items.ts'
import { RelativeTime } from './relative-time.tsx'

/** Heights of findings.css. */
const HEADING_REM = 2
const FINDING_REM = 3.0625
const OVERSCAN = 8
const PAGE = 10

function elementId(id: string): string {
  return `finding-${id.replace(':', '-')}`
}

export function FindingListBox({ items, chosen }: { items: readonly ListItem[]; chosen: string | null }) {
  const box = useRef<HTMLDivElement>(null)
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (items[index]?.kind === 'heading' ? HEADING_REM : FINDING_REM) * rem,
    getItemKey: (index) => {
      const item = items[index]
      return item === undefined ? index : item.kind === 'heading' ? item.text : item.finding.id
    },
    overscan: OVERSCAN,
    useFlushSync: false,
  })
  // Heights are not measured: they depend only on the kind of each item.
  useEffect(() => {
    if (items.length >= 0) virtualizer.measure()
  }, [items, virtualizer])

  const { mute, unmute } = useMuting()
  const places = useMemo(() => items.flatMap((item, place) => (item.kind === 'finding' ? [place] : [])), [items])
  const at = places.findIndex((place) => isOf(items[place], chosen))
  const active = idAt(items, places[at] ?? -1)
  const choose = (to: number) => {
    const place = places[Math.min(Math.max(to, 0), places.length - 1)]
    const id = place === undefined ? undefined : idAt(items, place)
    if (place === undefined || id === undefined) return
    moveTo({ screen: 'findings', finding: id })
    // Scroll the heading into view together with the first finding.
    virtualizer.scrollToIndex(place === 1 ? 0 : place)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const item = items[places[at] ?? -1]
    const finding = item?.kind === 'finding' ? item.finding : null
    if (event.key === 'Enter' && finding) goTo({ screen: 'group', id: finding.group })
    else if (event.key.toLowerCase() === 'm' && finding) {
      if (finding.muted) unmute(finding)
      else {
        mute(finding.id, 'forever')
        // It leaves its place: go on with the next one.
        choose(at + 1 < places.length ? at + 1 : at - 1)
      }
    } else {
      const to = nextIndex(event.key, at, PAGE, places.length)
      if (to === null) return
      choose(to)
    }
    event.preventDefault()
  }
  const live = useSession((session) => session.source === null)
  return (
    <div
      ref={box}
      className={css.box}
      role="listbox"
      aria-label="Findings, by severity"
      aria-activedescendant={active === undefined ? undefined : elementId(active)}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className={css.space} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index]
          if (item === undefined) return null
          if (item.kind === 'heading') {
            return <Heading key={key} text={item.text} since={index === 0 && live} top={start} />
          }
          const { finding, also } = item
          return (
            <Finding
              key={key}
              finding={finding}
              also={also.length}
              top={start}
              chosen={isOf(item, chosen)}
              at={places.indexOf(index) + 1}
              of={places.length}
            />
          )
        })}
      </div>
    </div>
  )
}

function idAt(items: readonly ListItem[], place: number): string | undefined {
  const item = items[place]
  return item?.kind === 'finding' ? item.finding.id : undefined
}

/** Whether a finding is that of this item, or another one of its incident. */
function isOf(item: ListItem | undefined, id: string | null): boolean {
  return item?.kind === 'finding' && (item.finding.id === id || item.also.some((one) => one.id === id))
}

/** Decorative: each finding states its severity itself. */
function Heading({ text, since, top }: { text: string; since: boolean; top: number }) {
  return (
    <div className={css.heading} role="presentation" aria-hidden="true" style={{ transform: `translateY(${top}px)` }}>
      {text}
      {since && <span>since</span>}
    </div>
  )
}

/** `also`: how many other findings have the same cause. */
type Props = OptionPlace & { finding: FindingRow; also: number }

const Finding = memo(function Finding({ finding, also, ...place }: Props) {
  const { id, severity, summary, key, group, raisedAt, muted } = finding
  const row = usePageStore().groups.table.get(group)?.row
  const owner = row?.owners[0]?.command
  return (
    <div
      id={elementId(id)}
      className={clsx(css.finding, muted ? css.muted : severity === 'critical' && css.critical)}
      {...optionProps(place)}
      title={visibleText(summary)}
      onClick={() => moveTo({ screen: 'findings', finding: id })}
    >
      <Sign name={severity} />
      <b>{visibleText(shortSummary(finding))}</b>
      {raisedAt !== null && <RelativeTime at={raisedAt} className={css.since} />}
      <span className={css.where}>
        <span className={clsx(text.mono, css.address)}>{addressText(key.address, key.family, key.interface)}</span>
        <span className={text.mono}>:{key.port}</span>
        <span className={css.whose}>
          {' '}
          {protocolName(key)}
          {owner !== undefined && `, ${nameInText(owner)}`}
          {also > 0 && `, and ${countOf(also, 'other finding')}`}
          {muted && ', muted'} {row !== undefined && isLabGroup(row) && <LabTag />}
        </span>
      </span>
    </div>
  )
})
