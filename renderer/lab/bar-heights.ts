/** The bars of a recipe's ways: all on one scale, so that they can be compared across. */
import type { Way } from '../../electron/contract/lab.ts'
import { formatCount } from '../ui/format.ts'

/** The highest bar stops below the top, so that its number fits above it. */
const HIGHEST = 0.88
/** Below this the least and the most are as good as equal, and numbers on bars would be noise. */
const NOTED_RATIO = 1.5

/** `height` and `mean` from 0 to 1 of the picture. */
export type Bars = {
  readonly bars: readonly { readonly label: string; readonly height: number; readonly words: string | null }[]
  /** Where all would be even; null where nothing came. */
  readonly mean: number | null
}

/** What the highest bar of any way stands for; 0 while nothing came. */
export function topOf(ways: readonly Way[]): number {
  return Math.max(0, ...ways.flatMap(({ counts }) => counts.map(({ count }) => count)))
}

/** The bars of one way, on the scale that `top` gives. The least and the most have their numbers where they differ. */
export function barsOf({ counts }: Way, top: number): Bars {
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

/** The chart in words, for screen readers. */
export function barsText({ counts }: Way): string {
  if (counts.length === 0) return 'Nobody has been counted yet'
  const each = counts.map(
    ({ label, count, note }) => `${whoIs(label)} ${formatCount(count)}${note === null ? '' : ` (${note})`}`,
  )
  return `Who got how many: ${each.join(', ')}`
}

/** A worker by its number, or by its name where it has one. */
export function whoIs(label: string): string {
  return /^\d+$/.test(label) ? `worker ${label}` : label
}

/** The way that is being measured while a recipe runs: the last one that anything came to. -1 where none is. */
export function runningWay(ways: readonly Way[], running: boolean): number {
  if (!running) return -1
  return ways.findLastIndex(({ counts }) => counts.some(({ count }) => count > 0))
}
