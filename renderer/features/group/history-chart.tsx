/** Queue and drops of a group over the last minutes, its membership changes, and its generations of processes. */
import { memo, useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { clsx } from 'clsx'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { DEFAULT_RANGE, type LastName, lastOptions, MIN_RANGE_MS, type TimeRange } from '../../model/time-range.ts'
import { countOf, formatClock, formatCount, formatSpan } from '../../ui/format.ts'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import text from '../../ui/text.module.css'
import { tokenColors, useTheme } from '../../ui/token-colors.ts'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import css from './history-chart.module.css'
import type { HistoryChartData } from './history-chart-data.ts'

/** Up to this many marks have text; with more, only their lines are drawn. */
const MAX_MARK_TEXTS = 3
const MAX_BANDS = 3
/** A finding that is raised stands out; what else happened does not. */
const SEVERITY_CLASSES = { critical: css.critical, warning: css.warning, info: undefined }
/** Pixels of a drag: less is a click. */
const MIN_DRAG = 5

const RANGES = lastOptions('1m', '5m', '15m', '1h')

export function HistoryChart({
  data,
  row,
  limit,
  removals,
  range,
  setRange,
}: {
  data: HistoryChartData
  row: GroupRow
  /** The members' limit as text, if all have the same. */
  limit: string | null
  removals: { members: number; waiting: number }
  range: TimeRange
  setRange: (range: TimeRange) => void
}) {
  const [read, setRead] = useState<string | null>(null)
  const { from, to, marks, events, bands, dropped, droppedSince, gaps } = data
  const zoomed = typeof range !== 'string'
  const last = useRef<LastName>(DEFAULT_RANGE)
  if (!zoomed) last.current = range
  const left = (at: number) => `${(100 * (Math.min(Math.max(at, from), to) - from)) / (to - from)}%`
  const lost = row.protocol === 'tcp' && removals.waiting > 0
  const lastMark = marks.at(-1)
  return (
    <section className={css.history} aria-label="History">
      <header>
        <h2>
          History <span className={text.quiet}>{read ?? (zoomed ? zoomText(from, to) : lastText(from, to))}</span>
        </h2>
        <span className={css.range}>
          {zoomed && <Button onPress={() => setRange(last.current)}>Zoom out</Button>}
          <SegmentedControl
            labeled="hidden"
            label="Time range"
            value={zoomed ? '' : range}
            change={setRange}
            options={RANGES}
          />
        </span>
      </header>
      <div className={css.bands}>
        {bands.slice(-MAX_BANDS).map(({ start, end, generation }, index, shown) => (
          <span
            key={generation.startedAt}
            className={clsx(css.band, index === shown.length - 1 && css.now)}
            style={{ left: left(start), right: `calc(100% - ${left(end)})` }}
            title={`${countOf(generation.processes, 'process', 'processes')} started ${new Date(generation.startedAt).toLocaleString('en-GB')}`}
          >
            {bandText(generation.startedAt, generation.members, bands.length)}
          </span>
        ))}
      </div>
      <div className={css.plot}>
        {gaps.map((gap) => (
          <span
            key={gap.from}
            className={css.gap}
            style={{ left: left(gap.from), right: `calc(100% - ${left(gap.to)})` }}
            title={`Not watched from ${formatClock(gap.from)} to ${formatClock(gap.to)}`}
          />
        ))}
        <Plot data={data} label={chartText(data, row, !zoomed)} onRead={setRead} onZoom={setRange} />
        {events.map((event) => (
          <span
            key={event.id}
            className={clsx(css.event, event.kind === 'raised' && SEVERITY_CLASSES[event.severity ?? 'info'])}
            style={{ left: left(Date.parse(event.at)) }}
            title={`${formatClock(Date.parse(event.at))} ${event.kind}: ${visibleText(event.summary)}`}
          />
        ))}
        <span className={css.limit}>{limit === null ? 'limit' : `limit ${limit}`}</span>
        {marks.map((mark) => (
          <span key={mark.at} className={css.mark} style={{ left: left(mark.at) }} title={markText(mark)} />
        ))}
        {lastMark && marks.length <= MAX_MARK_TEXTS && (
          <span className={css.markText} style={textPosition(lastMark.at, from, to)}>
            {formatCount(lastMark.from)} → {formatCount(lastMark.to)} members
            {lost && (
              <>
                , <b>{countOf(removals.waiting, 'connection')} waiting</b> on members that closed
              </>
            )}
          </span>
        )}
        {dropped > 0 && (
          <span className={css.dropped} style={textPosition(droppedSince ?? to, from, to)}>
            {formatCount(dropped)} dropped
          </span>
        )}
      </div>
      <div className={css.times} aria-hidden="true">
        {[0, 1, 2, 3].map((quarter) => (
          <span key={quarter} style={{ left: `${quarter * 25}%` }}>
            {formatClock(from + ((to - from) * quarter) / 4).slice(0, to - from < 300_000 ? 8 : 5)}
          </span>
        ))}
        <span className={css.now}>{zoomed ? formatClock(to) : 'now'}</span>
      </div>
    </section>
  )
}

function lastText(from: number, to: number): string {
  return `${formatSpan(to - from)}, queue of the fullest member; drag to zoom`
}

function zoomText(from: number, to: number): string {
  return `${formatClock(from)} to ${formatClock(to)}`
}

function bandText(startedAt: number, members: number, bands: number): string {
  const started = `started ${formatClock(startedAt)}`
  return bands > 1 ? `${countOf(members, 'member')}, ${started}` : `${countOf(members, 'member')}, processes ${started}`
}

function markText({ at, from, to }: { at: number; from: number; to: number }): string {
  return `${formatClock(at)}: ${formatCount(from)} → ${formatCount(to)} members`
}

/** Positions text beside its mark, on the side with more room. */
function textPosition(at: number, from: number, to: number): React.CSSProperties {
  const share = (at - from) / (to - from)
  return share > 0.5
    ? { right: `calc(${100 * (1 - share)}% + 0.5rem)` }
    : { left: `calc(${100 * Math.max(0, share)}% + 0.5rem)` }
}

/** The chart as text. `untilNow`: it shows the last minutes. */
export function chartText(data: HistoryChartData, row: GroupRow, untilNow = true): string {
  const { from, to, highest, dropped, marks } = data
  const unit = row.protocol === 'tcp' ? 'connections' : 'datagrams'
  const parts = [
    highest === null
      ? 'The queue is unknown.'
      : `The fullest queue peaked at ${Math.round(highest.percent)} % of its limit, at ${formatClock(highest.at)}.`,
    dropped > 0 ? `${formatCount(dropped)} ${unit} were dropped.` : 'Nothing was dropped.',
    ...marks.slice(-MAX_MARK_TEXTS).map((mark) => `${markText(mark)}.`),
  ]
  const when = untilNow ? `The last ${formatSpan(to - from)}` : `From ${formatClock(from)} to ${formatClock(to)}`
  return `${when}. ${parts.join(' ')}`
}

const Plot = memo(function Plot({
  data,
  label,
  onRead,
  onZoom,
}: {
  data: HistoryChartData
  label: string
  onRead: (words: string | null) => void
  onZoom: (range: TimeRange) => void
}) {
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const latest = useRef(data)
  latest.current = data
  const theme = useTheme()

  useEffect(() => {
    const element = holder.current
    if (!element || theme === '') return
    const size = () => ({ width: element.clientWidth, height: element.clientHeight })
    const chart = new uPlot(
      optionsFor(size(), () => latest.current, onRead, onZoom),
      latest.current.columns,
      element,
    )
    plot.current = chart
    const resized = new ResizeObserver(() => chart.setSize(size()))
    resized.observe(element)
    return () => {
      resized.disconnect()
      chart.destroy()
      plot.current = null
    }
  }, [theme, onRead, onZoom])

  useEffect(() => {
    plot.current?.setData(data.columns)
  }, [data])
  return <div ref={holder} className={css.canvas} role="img" aria-label={label} />
})

function optionsFor(
  size: { width: number; height: number },
  data: () => HistoryChartData,
  onRead: (words: string | null) => void,
  onZoom: (range: TimeRange) => void,
): uPlot.Options {
  const colors = tokenColors(['data', 'data-soft', 'critical-mark', 'line-strong'])
  return {
    ...size,
    padding: [2, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false, dist: MIN_DRAG }, points: { show: false } },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: true, range: () => [data().from / 1000, data().to / 1000] },
      // Never scaled to the data's own maximum, which would exaggerate noise.
      y: { range: () => [0, Math.max(104, data().highest?.percent ?? 0)] },
      drops: { range: (_, __, most) => [0, Math.max(1, most) * 3] },
    },
    series: [
      {},
      {
        scale: 'y',
        stroke: colors.data,
        fill: `color-mix(in oklch, ${colors['data-soft']} 60%, transparent)`,
        width: 1.25,
        points: { show: false },
      },
      { scale: 'y', stroke: colors['critical-mark'], width: 2, points: { show: false } },
      {
        scale: 'drops',
        stroke: colors['critical-mark'],
        fill: colors['critical-mark'],
        width: 0,
        ...(uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.7, 4], align: 1 }) } : {}),
        points: { show: false },
      },
    ],
    hooks: {
      drawClear: [
        (chart) => {
          const { ctx, bbox } = chart
          const y = Math.round(chart.valToPos(100, 'y', true)) + 0.5
          const floor = bbox.top + bbox.height - 0.5
          ctx.save()
          ctx.strokeStyle = colors['line-strong']
          ctx.lineWidth = 1
          ctx.beginPath()
          ctx.moveTo(bbox.left, floor)
          ctx.lineTo(bbox.left + bbox.width, floor)
          ctx.stroke()
          ctx.setLineDash([3, 3])
          ctx.beginPath()
          ctx.moveTo(bbox.left, y)
          ctx.lineTo(bbox.left + bbox.width, y)
          ctx.stroke()
          ctx.restore()
        },
      ],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select
          if (width === 0) return
          const at = (x: number) => Math.round(1000 * chart.posToVal(x, 'x'))
          const [from, to] = [at(left), at(left + width)]
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          if (to - from >= MIN_RANGE_MS) onZoom({ from, to })
        },
      ],
      setCursor: [(chart) => onRead(readingAt(data(), chart.cursor.idx ?? null))],
    },
  }
}

/** "14:38:02, 12 % of the limit, 3 dropped" for the sample under the pointer. */
function readingAt({ columns: [at, percent, , drops] }: HistoryChartData, index: number | null): string | null {
  const time = index === null ? undefined : at[index]
  if (index === null || time === undefined) return null
  const queue = percent[index] ?? null
  const lost = drops[index] ?? 0
  const words = queue === null ? 'unknown' : `${queue < 10 ? queue.toFixed(1) : Math.round(queue)} % of the limit`
  return `${formatClock(time * 1000)}, ${words}${lost > 0 ? `, ${formatCount(lost)} dropped` : ''}`
}
