/** Data of a group's history chart. Times in milliseconds since the epoch. */
import type { Gap, MembershipChange } from '../../../electron/contract/history.ts'
import type { Sample } from '../../model/history/history.ts'
import type { Generation } from './generations.ts'

/** How far back the chart reaches. */
export const RANGES_MS = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000 } as const
export type RangeName = keyof typeof RANGES_MS

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
  bands: Band[]
  /** Times in which nothing was read. */
  gaps: Gap[]
}

type Input = {
  readonly samples: readonly Sample[]
  readonly gaps: readonly Gap[]
  readonly changes: readonly MembershipChange[]
  readonly generations: readonly Generation[]
  readonly windowMs: number
  readonly now: number
  /** Another frame may have the same samples. */
  readonly frame?: number
}

export function historyChartData({ samples, gaps, changes, generations, windowMs, now }: Input): HistoryChartData {
  const first = samples[0]?.at ?? now
  const from = Math.max(now - windowMs, Math.min(first, now - SHORTEST_MS))
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
    if (sample.at < from) continue
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
    to: now,
    columns,
    highest,
    dropped,
    droppedSince,
    // Where it begins is seen.
    marks: changes.filter((change) => change.at >= from && change.from > 0),
    bands: generations
      .filter(({ startedAt }) => startedAt <= now)
      .map((generation) => ({ start: Math.max(from, generation.startedAt), end: now, generation })),
    gaps: gaps.filter(({ to }) => to > from),
  }
}
