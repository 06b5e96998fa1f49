/** A trend line of the last minute: utilization on a square-root scale, the same for every row. */
import { clsx } from 'clsx'
import { memo } from 'react'
import css from './sparkline.module.css'

/** Utilization in thousandths of the limit, negative where unknown. */
type Sample = { readonly at: number; readonly utilization: number }

const WIDTH = 80
const HEIGHT = 18
const FLOOR = 16.5
const TOP = 2.9
/** A shorter gap is only a late sample. */
const MIN_UNKNOWN = 4

/** The line as an SVG path, broken where samples are missing. `from` and `to` in milliseconds since the epoch. */
export function sparkPath(samples: readonly Sample[], from: number, to: number, stepMs: number): string {
  const x = (at: number) => Math.max(0, ((at - from) / (to - from)) * WIDTH).toFixed(1)
  const y = (fill: number) => (FLOOR - (FLOOR - TOP) * Math.sqrt(Math.min(fill, 1100) / 1000)).toFixed(1)
  let path = ''
  let before: Sample | null = null
  for (const sample of samples) {
    if (sample.utilization < 0) {
      before = null
      continue
    }
    const joined = before !== null && sample.at - before.at <= 2.5 * stepMs
    path += `${joined ? 'L' : 'M'}${x(sample.at)} ${y(sample.utilization)}`
    before = sample
  }
  return path
}

/** The unknown time before the first sample as an SVG path; empty where the line starts at the left edge. */
export function unknownPath(samples: readonly Sample[], from: number, to: number): string {
  const known = samples.find(({ utilization }) => utilization >= 0)
  const until = known === undefined ? 1 : (known.at - from) / (to - from)
  return until * WIDTH < MIN_UNKNOWN ? '' : `M0 ${FLOOR}H${(until * WIDTH).toFixed(1)}`
}

type Props = { path: string; unknown?: string; critical?: boolean }

export const Sparkline = memo(function Spark({ path, unknown = '', critical = false }: Props) {
  return (
    <svg
      className={clsx(css.spark, critical && css.critical)}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {unknown !== '' && <path className={css.unknown} d={unknown} />}
      {critical && <path className={css.limit} d={`M0 ${TOP}H${WIDTH}`} />}
      <path className={css.line} d={path} />
    </svg>
  )
})
