/** The variants of a recipe, shown side by side. */
import type { Variant } from '../../../contract/lab.ts'
import type { TrafficResult } from './test-run.ts'

type Figure = Variant['figures'][number]
type Best = 'highest' | 'lowest'

/** Names and units of the figures, the same in every variant. */
export const FIGURES = {
  ratio: ['Max ÷ min', '×'],
  share: ['Busiest', '%'],
  throughput: ['Throughput', '/s'],
  p99: ['Latency p99', 'ms'],
  answered: ['Answered', ''],
  lost: ['Lost', ''],
  moved: ['Clients moved', ''],
} as const satisfies Record<string, readonly [string, string]>
export type FigureName = keyof typeof FIGURES

/** A variant before anything happened in it: all its figures are present and unknown. */
export function emptyVariant(
  about: Pick<Variant, 'title' | 'subtitle' | 'shape'>,
  labels: readonly string[],
  figures: readonly FigureName[],
): Variant {
  return {
    ...about,
    counts: labels.map((label) => ({ label, count: 0, note: null })),
    figures: figures.map((name) => figure(name, null)),
  }
}

export function figure(name: FigureName, value: number | null): Figure {
  const [title, unit] = FIGURES[name]
  return { name: title, value, unit, highlight: null }
}

/** Labels of the workers: "1", "2", … */
export function labels(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1))
}

/** The variant with counts; notes stay. */
export function withCounts(way: Variant, counts: readonly number[]): Variant {
  return { ...way, counts: way.counts.map((entry, at) => ({ ...entry, count: counts[at] ?? 0 })) }
}

/** The variant with a note at one of its bars. */
export function withNote(way: Variant, at: number, note: string): Variant {
  return { ...way, counts: way.counts.map((entry, index) => (index === at ? { ...entry, note } : entry)) }
}

/** The variant with these figures, in the order and under the names that it has. */
export function withFigures(way: Variant, values: Partial<Record<FigureName, number | null>>): Variant {
  const known = new Map(
    Object.entries(values).map(([name, value]) => [FIGURES[name as FigureName][0] as string, value]),
  )
  return { ...way, figures: way.figures.map((entry) => ({ ...entry, value: known.get(entry.name) ?? entry.value })) }
}

/** Marks the best variant for each of these figures. A figure that fewer than two variants have is not compared. */
export function markBest(ways: readonly Variant[], best: Partial<Record<FigureName, Best>>): Variant[] {
  return ways.map((way) => ({
    ...way,
    figures: way.figures.map((entry) => {
      const name = (Object.keys(FIGURES) as FigureName[]).find((key) => FIGURES[key][0] === entry.name)
      const rule = name === undefined ? undefined : best[name]
      const all = ways.flatMap(({ figures }) => figures.find((other) => other.name === entry.name)?.value ?? [])
      if (rule === undefined || entry.value === null || all.length < 2) return entry
      const winner = rule === 'highest' ? Math.max(...all) : Math.min(...all)
      return { ...entry, highlight: entry.value === winner ? ('best' as const) : null }
    }),
  }))
}

/** Busiest divided by least busy; null where a worker got nothing: there is no such ratio then. */
export function maxToMin(counts: readonly number[]): number | null {
  const least = Math.min(...counts)
  return least > 0 ? Math.max(...counts) / least : null
}

/** The busiest worker's share of all, in percent; null without any. */
export function busiestShare(counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return total > 0 ? (100 * Math.max(...counts)) / total : null
}

/** "8.2×", or how many got nothing. */
export function formatMaxToMin(counts: readonly number[]): string {
  const ratio = maxToMin(counts)
  if (ratio === null) return `${counts.filter((count) => count === 0).length} of ${counts.length} got nothing`
  return `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}×`
}

/** What every variant measures of its traffic. */
export function measuredFigures({ traffic, latency, perSecond }: TrafficResult) {
  return {
    throughput: perSecond,
    p99: latency === null ? null : latency.p99 / 1000,
    answered: traffic.done,
  }
}
