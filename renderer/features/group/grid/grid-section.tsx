/** The heat grid with its controls above and its legend below. */
import { clsx } from 'clsx'
import { useMemo, useRef, useState } from 'react'
import { usePageStore } from '../../../model/store/context.ts'
import { engineNow } from '../../../model/store/engine-clock.ts'
import control from '../../../ui/control.module.css'
import { formatCount, formatQueue, formatRate } from '../../../ui/format.ts'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import text from '../../../ui/text.module.css'
import type { Choice } from '../choice.ts'
import type { MemberColumns } from '../member-columns.ts'
import type { MemberEntry } from '../member-entry.ts'
import { ownerText } from '../member-owner.ts'
import { useGroupState } from '../use-group.ts'
import type { GroupWatch } from '../watch-group.ts'
import { type ColorBy, gridSummary, type ShareOf, unknownShare } from './grid-colors.ts'
import { GridLegend } from './grid-legend.tsx'
import css from './grid-section.module.css'
import { HeatGrid } from './heat-grid.tsx'
import type { TileBy } from './tile-board.ts'

const SAMPLED: readonly (readonly [ColorBy, string])[] = [
  ['fill', 'Utilization'],
  ['drops', 'Drops'],
  ['share', 'Share'],
  ['age', 'Age'],
]
const UNSAMPLED = SAMPLED.filter(([color]) => color !== 'share')
const TILINGS: readonly (readonly [TileBy, string])[] = [
  ['process', 'Process'],
  ['order', 'Join order'],
]
/** Members listed in the table for screen readers. */
const LISTED = 20

export function GridSection({
  shareOf,
  ask,
  ...grid
}: Choice & {
  watch: GroupWatch
  members: readonly MemberEntry[]
  /** A member's share of sampled clients relative to an equal share; null while none were sampled. */
  shareOf: ShareOf | null
  picked: string | null
  /** The form for one client, among the controls. */
  ask: React.ReactNode
}) {
  const { watch, members } = grid
  const [color, setColor] = useState<ColorBy>('fill')
  const [tile, setTile] = useState<TileBy>('process')
  const { session } = usePageStore()
  const frame = useGroupState(watch, ({ frame }) => frame)
  const share = shareOf ?? unknownShare
  const shown = color === 'share' && shareOf === null ? 'fill' : color
  const byShare = shown === 'share'
  const shares = useMemo(
    () => Float64Array.from(byShare ? members : [], ({ id }) => share(id) ?? Number.NaN),
    [members, share, byShare],
  )
  const columns = watch.members.columns()
  const summary = useOnce(`${frame} ${shown}`, columns, () => gridSummary(columns, shown, engineNow(session), shares))
  return (
    <section className={css.section} aria-label="Members">
      <div className={clsx(control.row, css.tools)}>
        <SegmentedControl
          labeled="beside"
          label="Color"
          options={shareOf === null ? UNSAMPLED : SAMPLED}
          value={shown}
          change={setColor}
        />
        <SegmentedControl labeled="beside" label="Tile" options={TILINGS} value={tile} change={setTile} />
        {ask}
      </div>
      <HeatGrid {...grid} color={shown} tile={tile} shareOf={share} />
      <FullestTable columns={columns} frame={frame} />
      <GridLegend summary={summary} color={shown} />
    </section>
  )
}

/** Caches `make` by `key` and columns, which keep their identity while their numbers change. */
function useOnce<T>(key: string, columns: MemberColumns, make: () => T): T {
  const kept = useRef<{ key: string; columns: MemberColumns; value: T } | null>(null)
  if (kept.current?.key !== key || kept.current.columns !== columns) kept.current = { key, columns, value: make() }
  return kept.current.value
}

/** The grid as a table for screen readers: the fullest members. */
function FullestTable({ columns, frame }: { columns: MemberColumns; frame: number }) {
  const fullest = useOnce(String(frame), columns, () => columns.fullest(LISTED))
  return (
    <table className={text.hidden}>
      <caption>The {LISTED} fullest members</caption>
      <thead>
        <tr>
          <th>Member</th>
          <th>Owner</th>
          <th>Queue</th>
          <th>Drops per second</th>
        </tr>
      </thead>
      <tbody>
        {fullest.map(({ id, number, owner, row }) => {
          const { length, limit, unit } = formatQueue(row.queue.length, row.queue.limit, row.queue.unit)
          return (
            <tr key={id}>
              <td>{formatCount(number)}</td>
              <td>{owner ? ownerText(owner) : 'unknown'}</td>
              <td>{`${length ?? 'unknown'} of ${limit ?? 'unknown'} ${unit}`}</td>
              <td>{row.dropsPerSecond === null ? 'unknown' : formatRate(row.dropsPerSecond)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
