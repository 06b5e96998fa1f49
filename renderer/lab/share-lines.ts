/** The traffic's picture: the share of each worker so far, over what came. Pure, for share-picture.tsx to draw. */
import { type ShareSample, sharesIn } from './share-history.ts'

export const LINES_WIDTH = 300
export const LINES_HEIGHT = 100
/** More lines than colours that can be told apart are drawn as a band. */
export const MOST_LINES = 12

export type ShareLines = {
  /** A path a worker, in their order; none where there are too many. */
  readonly lines: readonly string[]
  /** From the least to the most, where there are too many for lines: the outline, and the middle one. */
  readonly band: { readonly area: string; readonly median: string } | null
}

/** The picture reaches so far above and below the even share, as a part of it. */
const REACH = 0.5

/**
 * The even share is in the middle. The height is never scaled to the lines themselves, for noise would look like drama:
 * only a worker that ends up further off than REACH widens it. What the first few clients did goes beyond the edge.
 */
export function shareLines(samples: readonly ShareSample[]): ShareLines | null {
  const last = samples.at(-1)
  const workers = last?.counts.length ?? 0
  if (last === undefined || workers === 0) return null
  const even = 1 / workers
  const shares = samples.map((sample) => ({ total: sample.total, shares: sharesIn(sample) }))
  const furthest = Math.max(...sharesIn(last).map((share) => Math.abs(share - even)))
  const reach = Math.max(REACH * even, 1.05 * furthest)
  const x = (total: number) => ((LINES_WIDTH * total) / last.total).toFixed(1)
  const y = (share: number) => (LINES_HEIGHT * (0.5 - (share - even) / (2 * reach))).toFixed(1)
  const through = (points: readonly (readonly [number, number])[]) =>
    points.map(([total, share], place) => `${place === 0 ? 'M' : 'L'}${x(total)} ${y(share)}`).join('')
  if (workers <= MOST_LINES) {
    const lines = Array.from({ length: workers }, (_, worker) =>
      through(
        shares.flatMap(({ total, shares }) => {
          const share = shares[worker]
          // A worker that came later begins later.
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

/** "between 12.1 and 12.9 %, where 12.5 % would be even": the picture in words. */
export function sharesText(sample: ShareSample | undefined): string {
  if (sample === undefined) return 'Nothing came yet.'
  const shares = sharesIn(sample)
  if (shares.length === 1) return 'The only worker has all of it.'
  return `Between ${percent(Math.min(...shares))} and ${percent(Math.max(...shares))} %, where ${percent(1 / shares.length)} % would be even.`
}

/** 0.125 → "12.5". Small shares keep two digits. */
export function percent(share: number): string {
  const value = share * 100
  return value.toFixed(value === 0 || value >= 100 ? 0 : value < 1 ? 2 : 1)
}
