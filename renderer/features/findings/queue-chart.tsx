/** The group's fullest queue against its limit around an incident, for findings about queues. */
import { clsx } from 'clsx'
import { causeOf } from '../../../electron/contract/finding-types.ts'
import type { Sample } from '../../model/history/history.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { formatClock, formatCount, formatQueue } from '../../ui/format.ts'
import css from './queue-chart.module.css'
import { useGroupSamples } from './use-group-samples.ts'

/** The least that is drawn, and what is drawn before an incident, so that its beginning is seen. */
const SPAN_MS = 60_000
const BEFORE_MS = 15_000
/** Beyond this share of the width, the text of a mark stands on its left. */
const LEFTWARDS = 0.8
const WIDTH = 400
const HEIGHT = 100
/** Height of the limit line, leaving room above it. */
const TOP = 6

/** True where the chart is relevant to a finding of this type. */
export function isAboutQueues(code: string): boolean {
  return causeOf(code) === 'queue'
}

/** A moment on the chart, in milliseconds since 1970. */
export type ChartMark = { readonly at: number; readonly text: string }

/**
 * Of an incident that began at `beganAt`, in milliseconds since 1970; null where that is unknown: of the last minute.
 * `endedAt`: null while it goes on, and it is redrawn at every refresh. What an incident lost stands above it already.
 */
export function QueueChart(props: {
  group: string
  beganAt: number | null
  endedAt: number | null
  marks?: readonly ChartMark[]
}) {
  const { group, beganAt, endedAt, marks = [] } = props
  const live = useSession((session) => session.source === null)
  const takenAt = useSession((session) => session.sampling?.takenAt ?? null)
  const { groups } = usePageStore()
  const now = takenAt === null ? null : Date.parse(takenAt)
  const to = endedAt === null ? now : Math.min(endedAt + BEFORE_MS, now ?? endedAt)
  const from = to === null ? null : Math.min(to - SPAN_MS, beganAt === null ? to : beganAt - BEFORE_MS)
  const past = useGroupSamples(live ? group : null, from, endedAt === null ? takenAt : '')
  if (to === null || from === null) return null
  const { samples, stepMs } = past ?? { samples: groups.history.read(group, from, to), stepMs: groups.history.stepMs }
  const { line, area, highest, dropped } = queueChartData(samples, from, to, stepMs)
  // Before a snapshot, or where the limit is unknown: an empty chart would suggest empty queues.
  if (highest === null) return null
  const row = groups.table.get(group)?.row
  const { limit, unit } = formatQueue(
    row?.fullest?.length ?? null,
    row?.fullest?.limit ?? null,
    row?.queue.unit ?? 'bytes',
  )
  const isNow = endedAt === null && live
  const words = [
    `Fullest queue of the group from ${formatClock(from)} to ${isNow ? 'now' : formatClock(to)}:`,
    `peak ${Math.round(highest / 10)} % of its limit.`,
    dropped > 0 ? `${formatCount(dropped)} dropped.` : 'Nothing dropped.',
  ].join(' ')
  return (
    <div className={css.chart} role="img" aria-label={words}>
      <span className={css.atLimit}>{limit === null ? 'limit' : `limit ${limit} ${unit}`}</span>
      {dropped > 0 && beganAt === null && (
        <span className={clsx(css.atLimit, css.end, css.bad)}>{formatCount(dropped)} dropped</span>
      )}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path className={css.over} d={area} />
        <path className={css.limit} d={`M0 ${TOP}H${WIDTH}`} />
        <path className={css.floor} d={`M0 ${HEIGHT}H${WIDTH}`} />
        <path className={clsx(css.line, highest > 1000 && css.bad)} d={line} />
      </svg>
      {marks.map(({ at, text }) => (
        <span
          key={text}
          className={clsx(css.mark, (at - from) / (to - from) > LEFTWARDS && css.leftwards)}
          style={{ left: `${(100 * (at - from)) / (to - from)}%` }}
        >
          {text}
        </span>
      ))}
      <span className={css.atFloor}>{formatClock(from)}</span>
      <span className={clsx(css.atFloor, css.end)}>{isNow ? 'now' : formatClock(to)}</span>
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
    if (sample.at > to) break
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
