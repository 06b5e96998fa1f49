/** The last minute of the group's fullest queue against its limit, for findings about queues. */
import { clsx } from 'clsx'
import type { FindingCode } from '../../../electron/contract/model.ts'
import type { Sample } from '../../model/history/history.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { formatClock, formatCount, formatQueue } from '../../ui/format.ts'
import css from './queue-chart.module.css'

const SPAN_MS = 60_000
const WIDTH = 400
const HEIGHT = 100
/** Height of the limit line, leaving room above it. */
const TOP = 6

const ABOUT_QUEUES: ReadonlySet<string> = new Set<FindingCode>([
  'queue-overflowing',
  'member-stalled',
  'backlog-clamped',
  'udp-receive-drops',
  'udp-not-read',
])

/** True where the chart is relevant to a finding of this type. */
export function isAboutQueues(code: string): boolean {
  return ABOUT_QUEUES.has(code)
}

/** Redrawn at every refresh. */
export function QueueChart({ group }: { group: string }) {
  useSession((session) => session.sampling?.refresh)
  const live = useSession((session) => session.source === null)
  const { session, groups } = usePageStore()
  const takenAt = session.getState().sampling?.takenAt
  const row = groups.table.get(group)?.row
  if (takenAt == null || row === undefined) return null
  const to = Date.parse(takenAt)
  const from = to - SPAN_MS
  const { line, area, highest, dropped } = queueChartData(
    groups.history.read(group, from, to),
    from,
    to,
    groups.history.stepMs,
  )
  // Before a snapshot, or where the limit is unknown: an empty chart would suggest empty queues.
  if (highest === null) return null
  const { limit, unit } = formatQueue(row.fullest?.length ?? null, row.fullest?.limit ?? null, row.queue.unit)
  const words = [
    'Fullest queue of the group in the last minute:',
    `peak ${Math.round(highest / 10)} % of its limit.`,
    dropped > 0 ? `${formatCount(dropped)} dropped.` : 'Nothing dropped.',
  ].join(' ')
  return (
    <div className={css.chart} role="img" aria-label={words}>
      <span className={css.atLimit}>{limit === null ? 'limit' : `limit ${limit} ${unit}`}</span>
      {dropped > 0 && <span className={clsx(css.atLimit, css.end, css.bad)}>{formatCount(dropped)} dropped</span>}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path className={css.over} d={area} />
        <path className={css.limit} d={`M0 ${TOP}H${WIDTH}`} />
        <path className={css.floor} d={`M0 ${HEIGHT}H${WIDTH}`} />
        <path className={clsx(css.line, highest > 1000 && css.bad)} d={line} />
      </svg>
      <span className={css.atFloor}>60 s {live ? 'ago' : 'before'}</span>
      <span className={clsx(css.atFloor, css.end)}>{live ? 'now' : formatClock(to)}</span>
    </div>
  )
}

export type QueueChartData = {
  /** The line, and the areas where the queue was over its limit, as SVG paths. */
  line: string
  area: string
  /** Thousandths of the limit; null if unknown. */
  highest: number | null
  /** By the difference of the drop counters. */
  dropped: number
}

/** `samples` in order, times in milliseconds since the epoch; a pause of more than two steps breaks the line. */
export function queueChartData(samples: readonly Sample[], from: number, to: number, stepMs: number): QueueChartData {
  const x = (at: number) => (Math.max(0, (at - from) / (to - from)) * WIDTH).toFixed(1)
  const y = (fill: number) => (HEIGHT - (HEIGHT - TOP) * Math.min(fill / 1000, 1.05)).toFixed(1)
  let line = ''
  let area = ''
  let highest: number | null = null
  let dropped = 0
  let before: Sample | null = null
  for (const sample of samples) {
    dropped += sample.lost ?? 0
    if (sample.utilization < 0) {
      before = null
      continue
    }
    const joined: boolean = before !== null && sample.at - before.at <= 2.5 * stepMs
    line += `${joined ? 'L' : 'M'}${x(sample.at)} ${y(sample.utilization)}`
    if (joined && before !== null && before.utilization > 1000 && sample.utilization > 1000) {
      area += `M${x(before.at)} ${HEIGHT}V${y(before.utilization)}L${x(sample.at)} ${y(sample.utilization)}V${HEIGHT}z`
    }
    highest = Math.max(highest ?? 0, sample.utilization)
    before = sample
  }
  return { line, area, highest, dropped }
}
