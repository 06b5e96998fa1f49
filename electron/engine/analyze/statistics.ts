/** Statistics of how evenly something is spread. */
import jstat from 'jstat'
import type { FlowSpread, Spread } from '../../contract/analysis.ts'

/** Minimum expected flows per member for the chi-square distribution to apply (Cochran's rule). */
const MIN_EXPECTED = 5
/** Significance level: chance alone makes one in a thousand spreads this uneven. */
const SIGNIFICANCE_LEVEL = 0.001
const DOUBTFUL_LEVEL = 0.01

/** The spread of one count per member; null without members. */
export function spreadOf(counts: readonly number[]): Spread | null {
  if (counts.length === 0) return null
  let total = 0
  let squares = 0
  let max = 0
  let min = Number.POSITIVE_INFINITY
  for (const count of counts) {
    total += count
    squares += count * count
    if (count > max) max = count
    if (count < min) min = count
  }
  const mean = total / counts.length
  return {
    members: counts.length,
    total,
    mean,
    max,
    min,
    maxOverMean: total === 0 ? null : max / mean,
    maxOverMin: min === 0 ? null : max / min,
    jain: total === 0 ? null : (total * total) / (counts.length * squares),
  }
}

/**
 * The same for independent flows, with Pearson's chi-square test against equal shares, or against shares in proportion
 * to `weights` (positive, one per count): then `maxOverMean` is the highest multiple of a member's own share.
 */
export function flowSpreadOf(counts: readonly number[], weights?: readonly number[]): FlowSpread | null {
  const spread = spreadOf(counts)
  if (spread === null) return null
  const parts = counts.map((_, index) => weights?.[index] ?? 1)
  const whole = parts.reduce((sum, part) => sum + part, 0)
  let chiSquare = 0
  let fewest = Number.POSITIVE_INFINITY
  let most = 0
  for (const [index, count] of counts.entries()) {
    const expected = (spread.total * (parts[index] ?? 1)) / whole
    if (expected === 0) continue
    chiSquare += (count - expected) ** 2 / expected
    fewest = Math.min(fewest, expected)
    most = Math.max(most, count / expected)
  }
  const degreesOfFreedom = counts.length - 1
  const testable = degreesOfFreedom > 0 && spread.total > 0 && fewest >= MIN_EXPECTED
  return {
    ...spread,
    maxOverMean: spread.total === 0 ? null : most,
    chiSquare,
    degreesOfFreedom,
    p: testable ? chiSquareTail(chiSquare, degreesOfFreedom) : null,
  }
}

/** P(X >= x); 0 below about 10^-15, the limit of double precision. */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  return Math.min(1, Math.max(0, 1 - jstat.jStat.chisquare.cdf(x, degreesOfFreedom)))
}

/** Whether a spread is more uneven than chance explains. */
export function isSignificant(spread: FlowSpread | null): boolean {
  return spread?.p !== null && spread?.p !== undefined && spread.p < SIGNIFICANCE_LEVEL
}

/** Chance is an unlikely reason for a spread this uneven, though it is not ruled out. */
export function isDoubtful(spread: FlowSpread | null): boolean {
  return spread?.p !== null && spread?.p !== undefined && spread.p < DOUBTFUL_LEVEL && !isSignificant(spread)
}

/** The threshold as a sentence, for spreads that are doubtful. */
export const THRESHOLD_SENTENCE = `Only below p = ${SIGNIFICANCE_LEVEL} does it count as uneven.`

/** A probability for people: `p = 0.42`, `p < 0.001`. */
export function probabilityText(p: number): string {
  if (p >= 0.01) return `p = ${p.toFixed(2)}`
  if (p >= 0.001) return `p = ${p.toFixed(3)}`
  return p < 1e-12 ? 'p < 1e-12' : `p < ${tenAbove(p)}`
}

function tenAbove(p: number): string {
  const exponent = Math.floor(Math.log10(p)) + 1
  return exponent >= -3 ? '0.001' : `1e${exponent}`
}
