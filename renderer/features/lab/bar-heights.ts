/** The bars of a recipe's variants, all on one scale so that they can be compared. */
import type { Variant } from '../../../electron/contract/lab.ts'
import { formatCount } from '../../ui/format.ts'

/** Height of the highest bar, so that its number fits above it. */
const HIGHEST = 0.88
/** Below this ratio of highest to lowest, bars have no numbers. */
const NOTED_RATIO = 1.5

/** `height` and `mean` from 0 to 1 of the chart height. */
export type Bars = {
  readonly bars: readonly { readonly label: string; readonly height: number; readonly words: string | null }[]
  /** Height of an even share; null if nothing was received. */
  readonly mean: number | null
}

/** The highest count of any variant; 0 while nothing was received. */
export function topOf(variants: readonly Variant[]): number {
  return Math.max(0, ...variants.flatMap(({ counts }) => counts.map(({ count }) => count)))
}

/** The bars of one variant, scaled to `top`. The lowest and the highest are numbered if they differ enough. */
export function barsOf({ counts }: Variant, top: number): Bars {
  const numbers = counts.map(({ count }) => count)
  const total = numbers.reduce((sum, count) => sum + count, 0)
  const scale = (count: number) => (top === 0 ? 0 : (HIGHEST * count) / top)
  const least = numbers.indexOf(Math.min(...numbers))
  const most = numbers.indexOf(Math.max(...numbers))
  const uneven = total > 0 && (numbers[most] ?? 0) > NOTED_RATIO * (numbers[least] ?? 0)
  return {
    bars: counts.map(({ label, count }, place) => ({
      label,
      height: scale(count),
      words: uneven && (place === least || place === most) ? formatCount(count) : null,
    })),
    mean: total === 0 ? null : scale(total / counts.length),
  }
}

/** The chart as text, for screen readers. */
export function barsText({ counts }: Variant): string {
  if (counts.length === 0) return 'Nothing received yet'
  const each = counts.map(
    ({ label, count, note }) => `${workerName(label)} ${formatCount(count)}${note === null ? '' : ` (${note})`}`,
  )
  return `Received per worker: ${each.join(', ')}`
}

/** A worker by its number, or by its name where it has one. */
export function workerName(label: string): string {
  return /^\d+$/.test(label) ? `worker ${label}` : label
}
