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
import type { GroupKey } from '../../../electron/contract/model.ts'
import type { ClearedIncident } from '../../model/findings/cleared-incidents.ts'
import { useMuting } from '../../model/findings/mute.ts'
import { shortSummary } from '../../model/findings/short-summary.ts'
import { goTo, moveTo } from '../../model/route.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { addressText, countOf, formatClock, formatCount, formatSpan } from '../../ui/format.ts'
import { nextIndex } from '../../ui/list-keys.ts'
import { type OptionPlace, optionProps } from '../../ui/option-props.ts'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { nameInText, visibleText } from '../../ui/visible-text.ts'
import { LabTag } from '../../ui/widgets.tsx'
import css from './finding-list-box.module.css'
import { nameText } from './format-number.ts'
import { CLEARED, type ListItem, placeOf } from './list-items.ts'
import { RelativeTime } from './relative-time.tsx'

/** Heights of findings.css. */
const HEADING_REM = 2
const FINDING_REM = 3.0625
const OVERSCAN = 8
const PAGE = 10

/** What is chosen: a raised finding, or an incident that is over and began at `began`. */
export type Chosen = { readonly finding: string; readonly began?: number }

function elementId({ finding, began }: Chosen): string {
  return `finding-${finding.replace(':', '-')}${began === undefined ? '' : `-${began}`}`
}

export function FindingListBox({ items, chosen }: { items: readonly ListItem[]; chosen: Chosen | null }) {
  const box = useRef<HTMLDivElement>(null)
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (items[index]?.kind === 'heading' ? HEADING_REM : FINDING_REM) * rem,
    getItemKey: (index) => {
      const item = items[index]
      const place = item === undefined ? null : placeOf(item)
      return item?.kind === 'heading' ? item.text : place === null ? index : elementId(place)
    },
    overscan: OVERSCAN,
    useFlushSync: false,
  })
  // Heights are not measured: they depend only on the kind of each item.
  useEffect(() => {
    if (items.length >= 0) virtualizer.measure()
  }, [items, virtualizer])

  const { mute, unmute } = useMuting()
  const places = useMemo(() => items.flatMap((item, place) => (item.kind === 'heading' ? [] : [place])), [items])
  const at = places.findIndex((place) => isOf(items[place], chosen))
  const active = placeAt(items, places[at] ?? -1)
  const choose = (to: number) => {
    const place = places[Math.min(Math.max(to, 0), places.length - 1)]
    const target = place === undefined ? null : placeAt(items, place)
    if (place === undefined || target === null) return
    moveTo({ screen: 'findings', ...target })
    // Scroll the heading into view together with the first finding.
    virtualizer.scrollToIndex(place === 1 ? 0 : place)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const item = items[places[at] ?? -1]
    const finding = item?.kind === 'finding' ? item.finding : null
    const group = item?.kind === 'cleared' ? item.incident.key.id : finding?.group
    if (event.key === 'Enter' && group !== undefined) goTo({ screen: 'group', id: group })
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
      aria-activedescendant={active === null ? undefined : elementId(active)}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className={css.space} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index]
          if (item === undefined) return null
          if (item.kind === 'heading') {
            const aside = item.text === CLEARED ? 'lasted' : index === 0 && live ? 'since' : ''
            return <Heading key={key} text={item.text} aside={aside} top={start} />
          }
          const place = {
            top: start,
            chosen: isOf(item, chosen),
            at: places.indexOf(index) + 1,
            of: places.length,
          }
          return item.kind === 'finding' ? (
            <Finding key={key} finding={item.finding} also={item.also.length} {...place} />
          ) : (
            <Cleared key={key} incident={item.incident} {...place} />
          )
        })}
      </div>
    </div>
  )
}

function placeAt(items: readonly ListItem[], at: number): Chosen | null {
  const item = items[at]
  return item === undefined ? null : placeOf(item)
}

/** Whether this item is chosen: its finding, or another one of its incident. */
function isOf(item: ListItem | undefined, chosen: Chosen | null): boolean {
  if (item === undefined || item.kind === 'heading' || chosen === null) return false
  const { lead, also, began } =
    item.kind === 'finding'
      ? { lead: item.finding, also: item.also, began: undefined }
      : { lead: item.incident.lead, also: item.incident.also, began: item.incident.beganAt }
  return began === chosen.began && [lead, ...also].some(({ id }) => id === chosen.finding)
}

/** Decorative: each finding states its severity itself. */
function Heading({ text, aside, top }: { text: string; aside: string; top: number }) {
  return (
    <div className={css.heading} role="presentation" aria-hidden="true" style={{ transform: `translateY(${top}px)` }}>
      {text}
      {aside !== '' && <span>{aside}</span>}
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
      id={elementId({ finding: id })}
      className={clsx(css.finding, muted ? css.muted : severity === 'critical' && css.critical)}
      {...optionProps(place)}
      title={visibleText(summary)}
      onClick={() => moveTo({ screen: 'findings', finding: id })}
    >
      <Sign name={severity} />
      <b>{visibleText(shortSummary(finding))}</b>
      {raisedAt !== null && <RelativeTime at={raisedAt} className={css.since} />}
      <Where group={key}>
        {owner !== undefined && `, ${nameInText(owner)}`}
        {also > 0 && `, and ${countOf(also, 'other finding')}`}
        {muted && ', muted'} {row !== undefined && isLabGroup(row) && <LabTag />}
      </Where>
    </div>
  )
})

/** The endpoint and its protocol, with more about the group behind them. */
function Where({ group, children }: { group: GroupKey; children: React.ReactNode }) {
  const { address, family, interface: name, port } = group
  return (
    <span className={clsx(text.second, css.where)}>
      <span className={clsx(text.mono, text.cut)}>{addressText(address, family, name)}</span>
      <span className={text.mono}>:{port}</span>
      <span className={clsx(text.cut, css.whose)}>
        {' '}
        {protocolName(group)}
        {children}
      </span>
    </span>
  )
}

/** An incident that is over. */
const Cleared = memo(function Cleared({ incident, ...place }: OptionPlace & { incident: ClearedIncident }) {
  const { key, owner, beganAt, clearedAt, lost, lead } = incident
  const chosen = { finding: lead.id, began: beganAt }
  return (
    <div
      id={elementId(chosen)}
      className={clsx(css.finding, css.cleared)}
      {...optionProps(place)}
      title={visibleText(lead.summary)}
      onClick={() => moveTo({ screen: 'findings', ...chosen })}
    >
      <Sign name="ok" label="cleared" />
      <b>{nameText(visibleText(lead.summary))}</b>
      <span className={css.since}>{formatSpan(clearedAt - beganAt)}</span>
      <Where group={key}>
        {lost !== null && (
          <>, {lost > 0 ? <span className={css.lost}>{formatCount(lost)} lost</span> : 'nothing lost'}</>
        )}
        , {formatClock(beganAt).slice(0, 5)}
        {owner !== null && `, ${nameInText(owner)}`}
      </Where>
    </div>
  )
})
