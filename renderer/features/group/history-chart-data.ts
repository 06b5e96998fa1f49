/** Data of a group's history chart. Times in milliseconds since the epoch. */
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import type { Gap, MembershipChange } from '../../../electron/contract/history.ts'
import type { Sample } from '../../model/history/history.ts'
import { LAST_MS, type TimeRange } from '../../model/time-range.ts'
import type { Generation } from './generations.ts'

/** The shortest span drawn. */
const SHORTEST_MS = 60_000

export type Band = { start: number; end: number; generation: Generation }
export type Mark = MembershipChange

export type HistoryChartData = {
  from: number
  to: number
  /** In seconds since the epoch, as uPlot expects; null values break the line. */
  columns: [at: number[], percent: (number | null)[], full: (number | null)[], drops: (number | null)[]]
  /** Peak in percent of the limit; null if unknown. */
  highest: { percent: number; at: number } | null
  /** What was lost, by the difference of the drop counters, and the time of the first loss; null if there was none. */
  dropped: number
  droppedSince: number | null
  marks: Mark[]
  /** What happened to the group beside changes of its members. */
  events: LoggedEvent[]
  bands: Band[]
  /** Times in which nothing was read. */
  gaps: Gap[]
}

type Input = {
  readonly samples: readonly Sample[]
  readonly gaps: readonly Gap[]
  readonly changes: readonly MembershipChange[]
  readonly generations: readonly Generation[]
  /** Of this group, the newest first. */
  readonly events: readonly LoggedEvent[]
  readonly range: TimeRange
  readonly now: number
  /** Another frame may have the same samples. */
  readonly frame?: number
}

const MARKED: ReadonlySet<LoggedEvent['kind']> = new Set(['raised', 'cleared', 'reload', 'program'])

export function historyChartData(input: Input): HistoryChartData {
  const { samples, gaps, changes, events, generations, range, now } = input
  const { from, to } = spanOf(range, samples[0]?.at ?? now, now)
  const columns: HistoryChartData['columns'] = [[], [], [], []]
  const push = (at: number, percent: number | null, full: number | null, drops: number | null) => {
    columns[0].push(at / 1000)
    columns[1].push(percent)
    columns[2].push(full)
    columns[3].push(drops)
  }
  let highest: HistoryChartData['highest'] = null
  let dropped = 0
  let droppedSince: number | null = null
  let before: Sample | null = null
  for (const sample of samples) {
    if (sample.at < from || sample.at > to) continue
    const last = before
    const gap = last === null ? undefined : gaps.find((one) => one.from >= last.at && one.from < sample.at)
    if (gap) push(gap.from, null, null, null)
    const percent = sample.utilization < 0 ? null : sample.utilization / 10
    const full = percent !== null && sample.utilization > 1000
    push(sample.at, percent, full ? percent : null, sample.lost ? sample.lost : null)
    if (percent !== null && percent >= (highest?.percent ?? -1)) highest = { percent, at: sample.at }
    if (sample.lost) droppedSince ??= sample.at
    dropped += sample.lost ?? 0
    before = sample
  }
  return {
    from,
    to,
    columns,
    highest,
    dropped,
    droppedSince,
    // Where it begins is seen.
    marks: changes.filter((change) => change.at >= from && change.at <= to && change.from > 0),
    events: events.filter(({ kind, at }) => MARKED.has(kind) && Date.parse(at) >= from && Date.parse(at) <= to),
    bands: generations
      .filter(({ startedAt }) => startedAt <= to)
      .map((generation) => ({ start: Math.max(from, generation.startedAt), end: to, generation })),
    gaps: gaps.filter((gap) => gap.to > from && gap.from < to),
  }
}

/** The last minutes begin where the past does, but are at least one minute; what was chosen is shown as it was. */
function spanOf(range: TimeRange, first: number, now: number): { from: number; to: number } {
  if (typeof range !== 'string') return range
  return { from: Math.max(now - LAST_MS[range], Math.min(first, now - SHORTEST_MS)), to: now }
}
