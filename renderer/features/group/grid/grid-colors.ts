/** Color step of each cell, and the bins of the histogram that serves as its legend. */

import { HERE, FULL as IS_FULL, type MemberColumns } from '../member-columns.ts'
import type { MemberEntry } from '../member-entry.ts'
import { utilizationStep } from '../utilization.ts'

export type ColorBy = 'fill' | 'drops' | 'share' | 'age'

/** Steps of the color ramp: 0 to 6, then `FULL`; `UNKNOWN` is drawn as an outline, `HOLE` not at all. */
export const FULL = 7
export const UNKNOWN = 8
export const HOLE = 9

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Each step applies to values below `below`. */
const DROP_STEPS = [
  { below: 1, step: 2, name: 'below 1' },
  { below: 10, step: 3, name: '1' },
  { below: 100, step: 4, name: '10' },
  { below: 1000, step: 5, name: '100' },
  { below: Number.POSITIVE_INFINITY, step: 6, name: '1,000 or more' },
]
/** The youngest get the strongest color: recent starts are what people look for. */
const AGE_STEPS = [
  { below: MINUTE, step: 6, name: 'below 1 min' },
  { below: 10 * MINUTE, step: 5, name: '1 min' },
  { below: HOUR, step: 4, name: '10 min' },
  { below: 6 * HOUR, step: 3, name: '1 h' },
  { below: 24 * HOUR, step: 2, name: '6 h' },
  { below: Number.POSITIVE_INFINITY, step: 1, name: '1 d or more' },
]
/** Share relative to an equal share. */
const SHARE_STEPS = [
  { below: 0.001, step: 0, name: 'none' },
  { below: 0.5, step: 1, name: 'below ½' },
  { below: 0.8, step: 2, name: '½' },
  { below: 1.25, step: 3, name: 'equal' },
  { below: 2, step: 4, name: '1¼' },
  { below: 4, step: 5, name: '2' },
  { below: Number.POSITIVE_INFINITY, step: 6, name: '4 or more' },
]

export type ShareOf = (id: string) => number | null

export function unknownShare(): null {
  return null
}

function dropsStep(rate: number): number {
  return rate === 0 ? 0 : stepFor(DROP_STEPS, rate)
}

/** `now` in milliseconds since the epoch; `shareOf` returns a member's share of clients relative to an equal share. */
export function stepOf(entry: MemberEntry, by: ColorBy, now: number, shareOf: ShareOf): number {
  switch (by) {
    case 'fill': {
      const band = utilizationStep(entry.row, entry.fill)
      return band === 'full' ? FULL : band === 'unknown' ? UNKNOWN : band
    }
    case 'drops': {
      const rate = entry.row.dropsPerSecond
      if (rate === null) return UNKNOWN
      return dropsStep(rate)
    }
    case 'age': {
      const started = entry.owner?.startedAt
      return started ? stepFor(AGE_STEPS, now - Date.parse(started)) : UNKNOWN
    }
    case 'share': {
      const share = shareOf(entry.id)
      return share === null ? UNKNOWN : stepFor(SHARE_STEPS, share)
    }
  }
}

type Step = { below: number; step: number; name: string }

function stepFor(steps: readonly Step[], value: number): number {
  return steps.find(({ below }) => value < below)?.step ?? 0
}

export type Bin = {
  /** Color step of its bar. */
  step: number
  count: number
  /** Label below the bar; null where the neighboring labels suffice. */
  name: string | null
  wide: boolean
}

/** Number of bars between empty and full. */
const FILL_BINS = 20

export type GridSummary = {
  bins: Bin[]
  /** In the unit of the color: thousandths of the limit, drops per second, multiples of an equal share, milliseconds. */
  median: number | null
  percentile99: number | null
  /** Members that stand out by this color: full, dropping, without a share, or started in the last minute. */
  notable: number
  members: number
}

/** `now` in milliseconds since the epoch; `shares` is each member's share relative to an equal share, NaN unknown. */
export function gridSummary(columns: MemberColumns, by: ColorBy, now: number, shares: Float64Array): GridSummary {
  const { flags, fills } = columns
  if (by !== 'fill') return summarizeValues(columns, by, now, shares)
  const thousandths = new Uint32Array(1002)
  let [known, unknown, full, members] = [0, 0, 0, 0]
  for (let index = 0; index < flags.length; index++) {
    const flag = flags[index] ?? 0
    if ((flag & HERE) === 0) continue
    members++
    const isFull = (flag & IS_FULL) !== 0
    if (isFull) full++
    const fill = fills[index] ?? -1
    if (fill < 0) unknown++
    else {
      known++
      const at = isFull ? 1001 : Math.min(fill, 1000)
      thousandths[at] = (thousandths[at] ?? 0) + 1
    }
  }
  return {
    bins: fillBins(thousandths, unknown),
    median: quantile(thousandths, known, 0.5),
    percentile99: quantile(thousandths, known, 0.99),
    notable: full,
    members,
  }
}

type Measured = {
  /** A member's value; NaN unknown. */
  readonly valueAt: (index: number) => number
  readonly stepOf: (value: number) => number
  readonly isNotable: (value: number) => boolean
}

function measuredBy(
  { dropRates, starts }: MemberColumns,
  by: Exclude<ColorBy, 'fill'>,
  now: number,
  shares: Float64Array,
): Measured {
  switch (by) {
    case 'drops': {
      const valueAt = (index: number) => {
        const rate = dropRates[index] ?? -1
        return rate < 0 ? Number.NaN : rate
      }
      return { valueAt, stepOf: dropsStep, isNotable: (rate) => rate > 0 }
    }
    case 'age':
      return {
        valueAt: (index) => now - (starts[index] ?? Number.NaN),
        stepOf: (age) => stepFor(AGE_STEPS, age),
        isNotable: (age) => age < MINUTE,
      }
    case 'share':
      return {
        valueAt: (index) => shares[index] ?? Number.NaN,
        stepOf: (share) => stepFor(SHARE_STEPS, share),
        isNotable: (share) => share === 0,
      }
  }
}

function summarizeValues(
  columns: MemberColumns,
  by: Exclude<ColorBy, 'fill'>,
  now: number,
  shares: Float64Array,
): GridSummary {
  const { flags } = columns
  const { valueAt, stepOf, isNotable } = measuredBy(columns, by, now, shares)
  const steps = new Uint32Array(UNKNOWN + 1)
  const values = new Float64Array(flags.length)
  let [known, notable, members] = [0, 0, 0]
  for (let index = 0; index < flags.length; index++) {
    if (((flags[index] ?? 0) & HERE) === 0) continue
    members++
    const value = valueAt(index)
    const unknown = Number.isNaN(value)
    const step = unknown ? UNKNOWN : stepOf(value)
    steps[step] = (steps[step] ?? 0) + 1
    if (unknown) continue
    values[known++] = value
    if (isNotable(value)) notable++
  }
  const sorted = values.subarray(0, known).sort()
  const at = (share: number) => (known === 0 ? null : (sorted[Math.ceil(known * share) - 1] ?? null))
  return { bins: stepBins(by, steps), median: at(0.5), percentile99: at(0.99), notable, members }
}

function quantile(thousandths: Uint32Array, known: number, share: number): number | null {
  if (known === 0) return null
  let left = Math.ceil(known * share)
  for (let value = 0; value < thousandths.length; value++) {
    left -= thousandths[value] ?? 0
    if (left <= 0) return value
  }
  return null
}

function fillBins(thousandths: Uint32Array, unknown: number): Bin[] {
  const bins: Bin[] = [{ step: 0, count: thousandths[0] ?? 0, name: 'empty', wide: true }]
  for (let bin = 0; bin < FILL_BINS; bin++) {
    let count = 0
    for (let value = bin * 50 + 1; value <= (bin + 1) * 50; value++) count += thousandths[value] ?? 0
    const middle = bin * 50 + 25
    const step = middle <= 120 ? 1 : middle <= 250 ? 2 : middle <= 400 ? 3 : middle <= 600 ? 4 : middle <= 800 ? 5 : 6
    bins.push({ step, count, name: bin % 5 === 0 ? `${bin * 5}${bin === 0 ? '' : ' %'}` : null, wide: false })
  }
  bins.push({ step: FULL, count: thousandths[1001] ?? 0, name: 'full', wide: true })
  if (unknown > 0) bins.push({ step: UNKNOWN, count: unknown, name: 'unknown', wide: true })
  return bins
}

function stepBins(by: Exclude<ColorBy, 'fill'>, steps: Uint32Array): Bin[] {
  const named: readonly Step[] = { drops: DROP_STEPS, age: AGE_STEPS, share: SHARE_STEPS }[by]
  const bins = named.map(({ step, name }) => ({ step, count: steps[step] ?? 0, name, wide: false }))
  if (by === 'drops') bins.unshift({ step: 0, count: steps[0] ?? 0, name: 'none', wide: true })
  if ((steps[UNKNOWN] ?? 0) > 0) bins.push({ step: UNKNOWN, count: steps[UNKNOWN] ?? 0, name: 'unknown', wide: true })
  return bins
}
