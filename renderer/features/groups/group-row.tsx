/** One row of the table. It subscribes only to its own group. */
import { clsx } from 'clsx'
import { memo, useCallback, useRef } from 'react'
import { isLabGroup } from '../../../electron/contract/constants.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import { imbalanceText, isWithinChance } from '../../../electron/contract/imbalance.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { isFullest, isNearlyFullest } from '../../../electron/contract/trouble.ts'
import type { Flash, GroupEntry } from '../../model/groups/group-table.ts'
import { usePaced } from '../../model/paced-updates.ts'
import { goTo, hrefOf } from '../../model/route.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import {
  addressText,
  countOf,
  formatCount,
  formatQueue,
  formatRate,
  formatRatio,
  NO_RATE_YET,
  NOT_COUNTED,
  sharingName,
  unknownDropsText,
} from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Name } from '../../ui/name.tsx'
import { QueueBars } from '../../ui/queue-bars.tsx'
import { SharingIcon } from '../../ui/sharing-icon.tsx'
import { Sign, type SignName } from '../../ui/sign.tsx'
import { Sparkline, sparkPath, unknownPath } from '../../ui/sparkline.tsx'
import text from '../../ui/text.module.css'
import { nameInText } from '../../ui/visible-text.ts'
import { LabTag, Tag, UnknownText } from '../../ui/widgets.tsx'
import css from './group-row.module.css'
import { inColumn } from './in-column.ts'

const TREND_MS = 60_000
const NO_RECEIVER = 'No receiving socket: these are connected, or bound but not listening'

export function rowElementId(id: string): string {
  return `group-${id}`
}

type Props = {
  entry: GroupEntry
  index: number
  top: number
  selected: boolean
  /** Opens the row's menu at a point of the window. */
  openMenu: (entry: GroupEntry, x: number, y: number) => void
}

export const GroupTableRow = memo(function GroupTableRow({ entry, index, top, selected, openMenu }: Props) {
  const { groups, view } = usePageStore()
  const { table, updates } = groups
  usePaced(
    updates,
    useCallback((changed) => table.subscribe(entry.id, changed), [table, entry.id]),
    () => entry.version,
  )
  const { trouble, presence } = entry
  const open = (event: React.MouseEvent) => {
    view.select(entry.id)
    // The endpoint is a link itself, and text may be selected for copying.
    if (event.target instanceof Element && event.target.closest('a')) return
    if (window.getSelection()?.isCollapsed === false) return
    goTo({ screen: 'group', id: entry.id })
  }
  return (
    <div
      id={rowElementId(entry.id)}
      className={clsx(
        css.row,
        presence === 'new' && css.new,
        presence === 'gone' && css.gone,
        trouble.severity === 'critical' && css.critical,
        selected && css.selected,
      )}
      role="row"
      aria-rowindex={index}
      aria-selected={selected}
      tabIndex={-1}
      style={{ transform: `translateY(${top}px)` }}
      onClick={open}
      onContextMenu={(event) => {
        // The browser's own menu where text is selected, and with Shift.
        if (event.shiftKey || window.getSelection()?.isCollapsed === false) return
        event.preventDefault()
        openMenu(entry, event.clientX, event.clientY)
      }}
    >
      <Cells entry={entry} version={entry.version} />
    </div>
  )
})

/** Rendered again when the entry changes, which its version tells, and not when the row only moves. */
const Cells = memo(function Cells({ entry }: { entry: GroupEntry; version: number }) {
  const { row } = entry
  const full = isFullest(row)
  return (
    <>
      <div {...inColumn('state')} role="gridcell">
        <Sign name={signOf(entry)} />
      </div>
      <div className={text.mono} {...inColumn('proto')} role="gridcell">
        {protocolName(row)}
      </div>
      <Endpoint entry={entry} />
      <NamespaceName inode={row.netns} />
      <Cell id="members" entry={entry}>
        {formatCount(row.receiving)}
      </Cell>
      <div className={row.given ? undefined : css.calm} {...inColumn('given')} role="gridcell">
        <Given row={row} />
      </div>
      <div className={slower(row) ? css.bad : undefined} {...inColumn('accepted')} role="gridcell">
        <Accepted row={row} />
      </div>
      <Cell id="owners" entry={entry} title={ownersText(row)}>
        <Owners row={row} />
      </Cell>
      <Cell id="sharing" entry={entry}>
        <SharingIcon sharing={row.sharing} />
        {row.sharing === 'unknown' ? (
          <UnknownText why="Nothing readable by this user shows how these sockets share the port" />
        ) : (
          <span>{sharingName(row.sharing)}</span>
        )}
        <span className={css.evidence} title={evidenceText(row)}>
          {evidenceText(row)}
        </span>
      </Cell>
      <Queues entry={entry} full={full} />
      <Cell id="drops" entry={entry} className={(row.dropsPerSecond ?? 0) > 0 ? css.bad : css.calm}>
        <Drops row={row} />
      </Cell>
      <div
        className={row.imbalance === null || isWithinChance(row.imbalance) ? css.calm : undefined}
        {...inColumn('imbalance')}
        role="gridcell"
      >
        <Imbalance row={row} />
      </div>
      <div {...inColumn('trend')} role="gridcell">
        <Trend id={entry.id} critical={full} />
      </div>
    </>
  )
})

type CellProps = {
  id: Flash
  entry: GroupEntry
  className?: string | undefined
  title?: string
  children: React.ReactNode
}

/**
 * A cell that flashes blue when its content changes. Two animations alternate, so that each change starts one. Changes
 * made before the cell was rendered start none.
 */
function Cell({ id, entry, className, title, children }: CellProps) {
  const changed = entry.flashes[id]
  const atFirst = useRef(changed)
  const flash = changed !== atFirst.current && (changed % 2 === 0 ? css.changedEven : css.changedOdd)
  return (
    <div className={clsx(className, flash)} {...inColumn(id)} role="gridcell" title={title}>
      {children}
    </div>
  )
}

function signOf({ presence, trouble }: GroupEntry): SignName {
  return presence === 'here' ? trouble.severity : presence
}

function Endpoint({ entry: { id, row, trouble } }: { entry: GroupEntry }) {
  const self = useSession((session) => session.namespaces.find(({ inode }) => inode === row.netns))
  const address = addressText(row.address, row.family, row.interface)
  const name = `${address}:${row.port}`
  const look = trouble.severity === 'critical' ? 'critical' : trouble.severity === 'warning' ? 'warn' : 'plain'
  return (
    <div className={text.mono} {...inColumn('endpoint')} role="gridcell">
      <a
        href={hrefOf({ screen: 'group', id })}
        tabIndex={-1}
        title={name}
        style={{ '--characters': name.length, '--port': `:${row.port}`.length } as React.CSSProperties}
      >
        <span className={css.address}>{address}</span>
        <span className={css.colon}>:</span>
        <b>{row.port}</b>
      </a>
      {isLabGroup(row) && <LabTag />}
      {trouble.tag !== null && <Tag look={look}>{trouble.tag}</Tag>}
      {self?.self === false && (
        <Tag className={css.namespace} title={`Network namespace ${nameInText(self.name)}`}>
          <Icon name="namespace" />
          <Name className={css.name}>{self.name}</Name>
        </Tag>
      )}
    </div>
  )
}

function NamespaceName({ inode }: { inode: number }) {
  const namespace = useSession((session) => session.namespaces.find((one) => one.inode === inode))
  const name = namespace?.name ?? String(inode)
  return (
    <div
      className={namespace?.self ? undefined : css.other}
      {...inColumn('netns')}
      role="gridcell"
      title={`${nameInText(name)}, inode ${inode}`}
    >
      <Name className={css.name}>{name}</Name>
    </div>
  )
}

function Owners({ row }: { row: GroupRow }) {
  const user = row.user ?? (row.uid === null ? null : `uid ${row.uid}`)
  return (
    <>
      {row.owners.length === 0 && <UnknownText why="No process that holds these sockets can be read" />}
      {row.owners.map(({ command, processes }, i) => (
        <span key={command}>
          {i > 0 && <span className={text.quiet}>, </span>}
          <Name className={css.owner}>{command}</Name>
          {processes > 1 && <span className={css.times}>×{formatCount(processes)}</span>}
        </span>
      ))}
      <span className={css.user}>{user === null ? 'several users' : <Name>{user}</Name>}</span>
    </>
  )
}

function ownersText(row: GroupRow): string {
  const owners = row.owners.map(
    ({ command, processes, service }) =>
      `${nameInText(command)}: ${countOf(processes, 'process', 'processes')}${service ? `, ${nameInText(service)}` : ''}`,
  )
  if (row.ownersHidden > 0) owners.push(`owners of ${countOf(row.ownersHidden, 'member')} hidden`)
  return owners.join('\n')
}

function evidenceText(row: GroupRow): string {
  if (row.sharing === 'inherited') return countOf(row.holders, 'holder')
  return row.evidence === 'none' ? '' : row.evidence.replace('-', row.evidence === 'co-listening' ? '-' : ' ')
}

function Drops({ row: { dropsPerSecond, drops, receiving, queue } }: { row: GroupRow }) {
  if (dropsPerSecond !== null) return formatRate(dropsPerSecond)
  if (drops !== null) return <span title={NO_RATE_YET}>–</span>
  if (receiving === 0) return <span title={NO_RECEIVER}>–</span>
  return <UnknownText why={unknownDropsText(queue.unit)} />
}

function Given({ row: { given } }: { row: GroupRow }) {
  if (given === undefined) return <UnknownText why={NOT_COUNTED} />
  return given.perSecond === null ? <span title={NO_RATE_YET}>–</span> : formatRate(given.perSecond)
}

function Accepted({ row: { given, protocol } }: { row: GroupRow }) {
  if (protocol === 'udp') return <span title="The queue of a UDP socket counts bytes">–</span>
  if (given === undefined) return <UnknownText why={NOT_COUNTED} />
  return given.acceptedPerSecond === null ? <span title={NO_RATE_YET}>–</span> : formatRate(given.acceptedPerSecond)
}

/** Whether connections come faster than they are accepted, and a queue is nearly full. */
function slower(row: GroupRow): boolean {
  const { perSecond, acceptedPerSecond } = row.given ?? {}
  if (perSecond == null || acceptedPerSecond == null) return false
  return acceptedPerSecond < perSecond && (isFullest(row) || isNearlyFullest(row))
}

function Queues({ entry, full }: { entry: GroupEntry; full: boolean }) {
  const { row } = entry
  const { length, limit, unit } = formatQueue(row.fullest?.length ?? null, row.fullest?.limit ?? null, row.queue.unit)
  if (row.receiving === 0) {
    return (
      <Cell id="queue" entry={entry} title={NO_RECEIVER}>
        <span className={css.bars} />
        <span className={clsx(css.length, css.calm)}>–</span>
        <span className={css.limit} />
      </Cell>
    )
  }
  return (
    <Cell id="queue" entry={entry}>
      <QueueBars className={css.bars} slots={slotsOf(row, full)} label={queueLabel(row, length, limit, unit)} />
      {length === null ? (
        <UnknownText why="The kernel does not report the queues of these sockets" />
      ) : (
        <>
          <span className={clsx(css.length, full ? css.bad : isNearlyFullest(row) && css.near)}>{length}</span>
          <span className={css.limit}>/ {limit === null ? 'unknown' : unit === '' ? limit : `${limit} ${unit}`}</span>
        </>
      )}
    </Cell>
  )
}

/**
 * Slots are rounded, and receive memory can be full below its limit, so `full` decides whether the fullest one is full.
 */
function slotsOf({ queueUtilization: slots }: GroupRow, full: boolean): readonly number[] {
  const highest = Math.max(...slots)
  return slots.map((slot) => (full && slot === highest ? Math.max(slot, 1001) : Math.min(slot, full ? slot : 999)))
}

function Imbalance({ row: { imbalance, receiving } }: { row: GroupRow }) {
  if (imbalance === null) {
    return <span title={receiving < 2 ? 'One member: nothing to compare' : 'All queues are empty'}>–</span>
  }
  return (
    <span title={`The busiest of ${formatCount(receiving)} members has ${imbalanceText(imbalance)}`}>
      {imbalance.of === 'queues' && <span className={css.basis}>queue </span>}
      {formatRatio(imbalance.ratio)}
      <span className={css.times}>×</span>
    </span>
  )
}

function queueLabel(row: GroupRow, length: string | null, limit: string | null, unit: string): string {
  if (length === null) return 'queues unknown'
  return `fullest of ${countOf(row.receiving, 'member')}: ${length} of ${limit ?? 'unknown'} ${unit || 'connections'}`
}

/** Redrawn at every refresh, because the time axis moves even if nothing changes. */
function Trend({ id, critical }: { id: string; critical: boolean }) {
  const { session, groups } = usePageStore()
  usePaced(
    groups.updates,
    useCallback(
      (changed) =>
        session.subscribe((now, before) => {
          if (now.sampling?.refresh !== before.sampling?.refresh) changed()
        }),
      [session],
    ),
    () => session.getState().sampling?.refresh,
  )
  const takenAt = session.getState().sampling?.takenAt
  if (takenAt == null) return null
  const to = Date.parse(takenAt)
  const from = to - TREND_MS
  const samples = groups.history.read(id, from, to)
  return (
    <Sparkline
      path={sparkPath(samples, from, to, groups.history.stepMs)}
      unknown={unknownPath(samples, from, to)}
      critical={critical}
    />
  )
}
