/** Data of the share chart: each worker's share so far, over the total received. Pure; share-chart.tsx draws it. */
import { type ShareSample, sharesIn } from '../../model/lab/share-history.ts'

export const LINES_WIDTH = 300
export const LINES_HEIGHT = 100
/** With more workers than distinguishable colors, a band is drawn instead. */
export const MAX_LINES = 12

export type ShareLines = {
  /** One path per worker, in order; empty if there are too many. */
  readonly lines: readonly string[]
  /** With too many workers for lines: the outline from lowest to highest, and the median. */
  readonly band: { readonly area: string; readonly median: string } | null
}

/** The chart's range above and below the even share, as a fraction of it. */
const REACH = 0.5
/** Shares of less than this part of all are noise of the first few. */
const EARLY = 0.1

/**
 * The even share is in the middle. The height is not scaled to the lines, which would exaggerate noise: only a worker
 * that was further off than REACH widens it. Outliers among the first few are clipped.
 */
export function shareLines(samples: readonly ShareSample[]): ShareLines | null {
  const last = samples.at(-1)
  const workers = last?.counts.length ?? 0
  if (last === undefined || workers === 0) return null
  const even = 1 / workers
  const shares = samples.map((sample) => ({ total: sample.total, shares: sharesIn(sample) }))
  const settled = shares.filter(({ total }) => total >= EARLY * last.total)
  const furthest = Math.max(...settled.flatMap(({ shares }) => shares.map((share) => Math.abs(share - even))))
  const reach = Math.max(REACH * even, 1.05 * furthest)
  const x = (total: number) => ((LINES_WIDTH * total) / last.total).toFixed(1)
  const y = (share: number) => (LINES_HEIGHT * (0.5 - (share - even) / (2 * reach))).toFixed(1)
  const through = (points: readonly (readonly [number, number])[]) =>
    points.map(([total, share], place) => `${place === 0 ? 'M' : 'L'}${x(total)} ${y(share)}`).join('')
  if (workers <= MAX_LINES) {
    const lines = Array.from({ length: workers }, (_, worker) =>
      through(
        shares.flatMap(({ total, shares }) => {
          const share = shares[worker]
          // The line of a worker added later starts later.
          return share === undefined ? [] : [[total, share] as const]
        }),
      ),
    )
    return { lines, band: null }
  }
  const sorted = shares.map(({ total, shares }) => ({ total, shares: [...shares].sort((a, b) => a - b) }))
  const least = sorted.map(({ total, shares }) => [total, shares[0] ?? 0] as const)
  const most = sorted.map(({ total, shares }) => [total, shares.at(-1) ?? 0] as const)
  const median = sorted.map(({ total, shares }) => [total, shares[Math.floor(shares.length / 2)] ?? 0] as const)
  const area = `${through(most)}${through(least.toReversed()).replace('M', 'L')}Z`
  return { lines: [], band: { area, median: through(median) } }
}

/** "Between 12.1 and 12.9 %; 12.5 % would be even.": the chart as text. */
export function sharesText(sample: ShareSample | undefined): string {
  if (sample === undefined) return 'Nothing received yet.'
  const shares = sharesIn(sample)
  if (shares.length === 1) return 'The only worker received everything.'
  return `Between ${percent(Math.min(...shares))} and ${percent(Math.max(...shares))} %; ${percent(1 / shares.length)} % would be even.`
}

/** 0.125 → "12.5". Small shares keep two digits. */
export function percent(share: number): string {
  const value = share * 100
  return value.toFixed(value === 0 || value >= 100 ? 0 : value < 1 ? 2 : 1)
}
