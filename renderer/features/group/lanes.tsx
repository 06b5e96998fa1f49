/** The members of a group as lanes, up to a few dozen: queue against its limit, drops, trend and owner. */
import { clsx } from 'clsx'
import { memo, type ReactNode, useRef, useState } from 'react'
import type { GroupGiven, MemberGiven } from '../../../electron/contract/given.ts'
import type { LaneSort } from '../../model/lane-sort.ts'
import { formatClock, formatQueue, formatRate, formatWait } from '../../ui/format.ts'
import { Name } from '../../ui/name.tsx'
import { Sign } from '../../ui/sign.tsx'
import { Sparkline, sparkPath, unknownPath } from '../../ui/sparkline.tsx'
import text from '../../ui/text.module.css'
import { UnknownText } from '../../ui/widgets.tsx'
import { Badge } from './badge.tsx'
import { DropRate } from './drop-rate.tsx'
import { limitText } from './facts.ts'
import { lanesInOrder } from './lane-order.ts'
import { LaneTitle } from './lane-title.tsx'
import css from './lanes.module.css'
import { MemberCard } from './member-card.tsx'
import type { MemberEntry } from './member-entry.ts'
import { deviation, type Shares } from './use-balance.ts'
import { useGroupState, useMember } from './use-group.ts'
import { isFullMember, utilizationStep } from './utilization.ts'
import type { GroupWatch } from './watch-group.ts'

const TREND_MS = 60_000
/** Room of the lanes beside the hash space, and the height from which on a lane is only empty. */
const ROOM_REM = 21
const MAX_LANE_REM = 4.5
const NOBODY: ReadonlyMap<string, string> = new Map()

type Hovered = { entry: MemberEntry; top: number }

export function Lanes({
  watch,
  members,
  sort,
  generations,
  shares,
  given = null,
  picked,
  accused = NOBODY,
  chosen,
  choose,
}: {
  watch: GroupWatch
  members: readonly MemberEntry[]
  sort: LaneSort
  /** With more than one, the lanes show the start time of their process. */
  generations: number
  /** null while nothing was sampled or counted. */
  shares: Shares | null
  /** What all members are given together; null where nothing is counted. */
  given?: GroupGiven | null
  /** Id of the member that the typed client reaches. */
  picked: string | null
  /** Cookies of members with critical findings, and the tag of the finding. */
  accused?: ReadonlyMap<string, string>
  /** Id of the chosen member. */
  chosen: string | null
  /** Chooses a member, or none. */
  choose: (id: string | null) => void
}) {
  const [hovered, setHovered] = useState<Hovered | null>(null)
  const [focused, setFocused] = useState<string | null>(null)
  const body = useRef<HTMLTableSectionElement>(null)
  const takenAt = useGroupState(watch, ({ takenAt }) => takenAt)
  const polled = members.every(({ owner }) => owner === null || owner.how === 'polls')
  const limit = limitText(watch.members.columns())

  const show = (entry: MemberEntry, row: HTMLElement) => setHovered({ entry, top: row.offsetTop + row.offsetHeight })
  const step = (event: React.KeyboardEvent<HTMLButtonElement>) => {
    const buttons = [...(body.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(event.currentTarget)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (event.key === 'Escape') setHovered(null)
    if (to === undefined) return
    event.preventDefault()
    buttons[to]?.focus()
  }
  const ordered = lanesInOrder(members, sort)
  const stop = ordered.some(({ id }) => id === focused) ? focused : ordered[0]?.id

  return (
    <div
      className={css.lanes}
      data-counted={given !== null || undefined}
      style={{ '--lane': laneHeight(members.length) } as React.CSSProperties}
      onPointerLeave={() => setHovered(null)}
    >
      <table aria-label="Members">
        <thead>
          <tr>
            <LaneTitle column="number" name="member number" className={clsx(css.right, css.number)}>
              #
            </LaneTitle>
            {shares && (
              <>
                {shares.independent && <th className={css.share}>{SHARE_TITLES[shares.kind]}</th>}
                <th className={clsx(css.right, css.percent)}>
                  {shares.independent ? <span className={text.hidden}>percent</span> : 'Share'}
                </th>
              </>
            )}
            {given && <GivenTitles given={given} />}
            <LaneTitle
              column="queue"
              name="queue"
              className={css.queue}
              aside={limit ? <span className={css.limit}>limit {limit[0]}</span> : ''}
            >
              Queue
            </LaneTitle>
            <th className={clsx(css.right, css.length)}>
              <span className={text.hidden}>Waiting</span>
            </th>
            <LaneTitle column="drops" name="drops per second" className={clsx(css.right, css.drops)}>
              Drops/s
            </LaneTitle>
            <th className={css.trend}>Last minute</th>
            {generations > 1 && <th className={css.started}>Started</th>}
            <LaneTitle column="process" name="process" className={css.owner}>
              {polled ? 'Polled by' : 'Polled or held by'}
            </LaneTitle>
          </tr>
        </thead>
        <tbody ref={body}>
          {ordered.map((entry) => (
            <Lane
              key={entry.id}
              watch={watch}
              entry={entry}
              shares={shares}
              given={given}
              picked={entry.id === picked}
              accused={accused.get(entry.id) ?? null}
              takenAt={takenAt}
              started={generations > 1}
              mixed={!polled}
              chosen={entry.id === chosen}
              choose={choose}
              tabIndex={entry.id === stop ? 0 : -1}
              onPointerEnter={(row) => show(entry, row)}
              onFocus={(button) => {
                setFocused(entry.id)
                const row = button.closest('tr')
                if (row && button.matches(':focus-visible')) show(entry, row)
              }}
              onBlur={() => setHovered(null)}
              onKeyDown={step}
            />
          ))}
        </tbody>
      </table>
      {hovered && hovered.entry.id !== chosen && (
        <div className={css.card} style={{ top: hovered.top }}>
          <MemberCard watch={watch} entry={hovered.entry} />
        </div>
      )}
    </div>
  )
}

const SHARE_TITLES: Record<Shares['kind'], string> = { sampled: 'Share of new flows', given: 'Measured share' }

/** A few members fill the room beside the hash space; many have the least height. */
function laneHeight(members: number): string {
  return `${Math.min(MAX_LANE_REM, ROOM_REM / Math.max(1, members)).toFixed(2)}rem`
}

type LaneProps = {
  watch: GroupWatch
  entry: MemberEntry
  shares: Shares | null
  given: GroupGiven | null
  picked: boolean
  accused: string | null
  takenAt: number
  started: boolean
  mixed: boolean
  chosen: boolean
  choose: (id: string | null) => void
  tabIndex: number
  onPointerEnter: (row: HTMLElement) => void
  onFocus: (row: HTMLElement) => void
  onBlur: () => void
  onKeyDown: (event: React.KeyboardEvent<HTMLButtonElement>) => void
}

const Lane = memo(function Lane(props: LaneProps) {
  const { watch, entry, shares, given, picked, accused, takenAt, started, mixed, chosen, choose, tabIndex, ...on } =
    props
  useMember(watch.members, entry)
  const { row, owner, presence } = entry
  const full = isFullMember(row)
  const { length } = formatQueue(row.queue.length, row.queue.limit, row.queue.unit)
  const samples = watch.history.read(entry.id, takenAt - TREND_MS, takenAt)
  return (
    <tr
      data-member={entry.id}
      className={clsx(
        presence === 'new' && css.new,
        presence === 'gone' && css.gone,
        full && css.full,
        accused && css.accused,
        picked && css.picked,
        chosen && css.chosen,
      )}
      onClick={(event) => {
        // Text may be selected for copying, and the button chooses by itself.
        if (event.target instanceof Element && event.target.closest('button')) return
        if (window.getSelection()?.isCollapsed !== false) choose(chosen ? null : entry.id)
      }}
      onPointerEnter={(event) => on.onPointerEnter(event.currentTarget)}
    >
      <td className={clsx(css.right, css.number)}>
        <LaneSign entry={entry} wrong={full ? 'full' : accused} />
        <button
          type="button"
          tabIndex={tabIndex}
          aria-label={`Member ${entry.number}`}
          aria-pressed={chosen}
          onClick={() => choose(chosen ? null : entry.id)}
          onFocus={(event) => on.onFocus(event.currentTarget)}
          onBlur={on.onBlur}
          onKeyDown={on.onKeyDown}
        >
          {entry.number}
        </button>
      </td>
      {shares && <ShareCells clients={shares.of(entry.id)} shares={shares} gone={presence === 'gone'} />}
      {given && <GivenCells given={given} member={row.given} />}
      <td className={css.queue}>
        <QueueBar entry={entry} />
        {picked && <Badge step={6} className={css.step} />}
      </td>
      <td className={clsx(css.right, css.length)}>{length ?? <UnknownText />}</td>
      <td className={clsx(css.right, css.drops, (row.dropsPerSecond ?? 0) > 0 && css.bad)}>
        <DropRate row={row} />
      </td>
      <td className={css.trend}>
        <Sparkline
          path={sparkPath(samples, takenAt - TREND_MS, takenAt, watch.history.stepMs)}
          unknown={unknownPath(samples, takenAt - TREND_MS, takenAt)}
          critical={full}
        />
      </td>
      {started && (
        <td className={css.started}>{owner?.startedAt ? formatClock(Date.parse(owner.startedAt)) : <UnknownText />}</td>
      )}
      <td className={css.owner}>
        <OwnerText entry={entry} mixed={mixed} />
        {picked && owner && <Badge step={7} className={css.step} />}
      </td>
    </tr>
  )
})

/** The dot against the band expected by chance (two standard deviations); the cell spans five to each side. */
function ShareCells({ clients, shares, gone }: { clients: number | null; shares: Shares; gone: boolean }) {
  const left = clients === null ? null : 50 + 10 * Math.max(-4.8, Math.min(4.8, deviation(clients, shares)))
  return (
    <>
      {shares.independent && (
        <td className={css.share} data-mark>
          {left !== null && <i style={{ left: `${left}%` }} />}
        </td>
      )}
      <td className={clsx(css.right, css.percent)}>
        {gone ? (
          <span title="Receives no new flows">–</span>
        ) : clients === null ? (
          <UnknownText why={shares.kind === 'given' ? 'Not counted' : 'Joined after the clients were sampled'} />
        ) : (
          <>
            {((100 * clients) / shares.clients).toFixed(2)}
            <span className={text.quiet}> %</span>
          </>
        )}
      </td>
    </>
  )
}

/** Accepted and waited: only TCP, whose queue counts what is given. */
function GivenTitles({ given }: { given: GroupGiven }) {
  return (
    <>
      <LaneTitle
        column="given"
        name="what members are given"
        className={clsx(css.right, css.given)}
        title="Put into its queue by the kernel; drops are not among them"
      >
        Given/s
      </LaneTitle>
      {given.acceptedPerSecond !== null && (
        <>
          <th className={clsx(css.right, css.accepted)} title="Given less the growth of the queue">
            Accepted/s
          </th>
          <th className={clsx(css.right, css.wait)} title="By Little's law: mean queue divided by accepted per second">
            Mean wait
          </th>
        </>
      )}
    </>
  )
}

function GivenCells({ given, member }: { given: GroupGiven; member: MemberGiven | undefined }) {
  return (
    <>
      <td className={clsx(css.right, css.given)}>
        <Rate value={member?.perSecond} />
      </td>
      {given.acceptedPerSecond !== null && (
        <>
          <td className={clsx(css.right, css.accepted)}>
            <Rate value={member?.acceptedPerSecond} />
          </td>
          <td className={clsx(css.right, css.wait)}>
            {member?.meanWaitMs == null ? (
              <span title="Nothing is being accepted">–</span>
            ) : (
              formatWait(member.meanWaitMs)
            )}
          </td>
        </>
      )}
    </>
  )
}

function Rate({ value }: { value: number | null | undefined }) {
  return value == null ? <UnknownText why="Counting began with this refresh" /> : formatRate(value)
}

function LaneSign({ entry, wrong }: { entry: MemberEntry; wrong: string | null }): ReactNode {
  if (entry.presence === 'gone') return <Sign name="gone" size="small" />
  if (wrong !== null) return <Sign name="critical" size="small" label={wrong} />
  if (entry.presence === 'new') return <Sign name="new" size="small" />
  return null
}

function QueueBar({ entry }: { entry: MemberEntry }) {
  const { row, fill } = entry
  const band = utilizationStep(row, fill)
  if (band === 'unknown') return <span className={clsx(css.bar, css.unknown)} />
  const width = band === 'full' ? 'calc(100% + 5px)' : fill === 0 ? '0' : `max(2px, ${Math.min(fill, 1000) / 10}%)`
  return (
    <span className={css.bar}>
      <i data-band={band} style={{ width }} />
    </span>
  )
}

/** "nginx 51702", or "held by nginx 51702", or unknown. */
function OwnerText({ entry: { owner, row }, mixed }: { entry: MemberEntry; mixed: boolean }) {
  if (!owner) {
    const why = row.holders === null ? 'No readable process has a descriptor of it' : 'Its processes could not be read'
    return <UnknownText why={why} />
  }
  return (
    <>
      {mixed && owner.how === 'holds' && <span className={text.quiet}>held by </span>}
      {owner.command === null ? 'process' : <Name className={css.command}>{owner.command}</Name>}{' '}
      <span className={text.mono}>{owner.pid}</span>
      {owner.others > 0 && <span className={text.quiet}> and {owner.others} more</span>}
    </>
  )
}
