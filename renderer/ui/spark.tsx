/** A trend of the last minute: share of the limit on a square-root scale, the same for every row. */
import { memo } from 'react'
import type { Sample } from '../history/history.ts'

const WIDTH = 80
const HEIGHT = 18
const FLOOR = 16.5
const TOP = 2.9

/** The line as an SVG path; a time without samples breaks it. `from` and `to` in milliseconds since the epoch. */
export function sparkPath(samples: readonly Sample[], from: number, to: number, stepMs: number): string {
  const x = (at: number) => Math.max(0, ((at - from) / (to - from)) * WIDTH).toFixed(1)
  const y = (fill: number) => (FLOOR - (FLOOR - TOP) * Math.sqrt(Math.min(fill, 1100) / 1000)).toFixed(1)
  let path = ''
  let before: Sample | null = null
  for (const sample of samples) {
    if (sample.fill < 0) {
      before = null
      continue
    }
    const joined = before !== null && sample.at - before.at <= 2.5 * stepMs
    path += `${joined ? 'L' : 'M'}${x(sample.at)} ${y(sample.fill)}`
    before = sample
  }
  return path
}

export const Spark = memo(function Spark({ path, critical = false }: { path: string; critical?: boolean }) {
  return (
    <svg
      className={critical ? 'spark critical' : 'spark'}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {critical && <path className="limit" d={`M0 ${TOP}H${WIDTH}`} />}
      <path className="line" d={path} />
    </svg>
  )
})
