/** Data of a group's history chart, from the page's recorded history. Times in milliseconds since the epoch. */
import type { Sample } from '../../model/history/history.ts'
import type { MembershipChange } from '../../model/history/membership-log.ts'
import type { Generation } from './generations.ts'

/** The shortest span drawn. */
const SHORTEST_MS = 60_000
/** A gap of more steps than this between two samples breaks the line. */
const BROKEN_STEPS = 2.5

export type Band = { start: number; end: number; generation: Generation }
export type Mark = { at: number; from: number; to: number }

export type HistoryChartData = {
  from: number
  to: number
  /** In seconds since the epoch, as uPlot expects; null values break the line. */
  columns: [at: number[], percent: (number | null)[], full: (number | null)[], drops: (number | null)[]]
  /** Peak in percent of the limit; null if unknown. */
  highest: { percent: number; at: number } | null
  /** Drops, summed from the rates, and the time of the first; null if there were none. */
  dropped: number
  droppedSince: number | null
  marks: Mark[]
  bands: Band[]
}

export function historyChartData(
  samples: readonly Sample[],
  changes: readonly MembershipChange[],
  generations: readonly Generation[],
  stepMs: number,
  windowMs: number,
  now: number,
): HistoryChartData {
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
    if (before && sample.at - before.at > BROKEN_STEPS * stepMs) push(before.at + stepMs, null, null, null)
    const percent = sample.utilization < 0 ? null : sample.utilization / 10
    const full = percent !== null && sample.utilization > 1000
    push(sample.at, percent, full ? percent : null, sample.dropsPerSecond ? sample.dropsPerSecond : null)
    if (percent !== null && percent >= (highest?.percent ?? -1)) highest = { percent, at: sample.at }
    if (sample.dropsPerSecond) droppedSince ??= sample.at
    dropped += ((sample.dropsPerSecond ?? 0) * stepMs) / 1000
    before = sample
  }
  return {
    from,
    to: now,
    columns,
    highest,
    dropped: Math.round(dropped),
    droppedSince,
    marks: marksOf(changes, from),
    bands: generations
      .filter(({ startedAt }) => startedAt <= now)
      .map((generation) => ({ start: Math.max(from, generation.startedAt), end: now, generation })),
  }
}

function marksOf(changes: readonly MembershipChange[], from: number): Mark[] {
  return changes.flatMap((change, index) => {
    const before = changes[index - 1]
    return before && change.at >= from ? [{ at: change.at, from: before.members, to: change.members }] : []
  })
}
