/** Statistics of how evenly something is spread. Not loaded before it is needed: its library takes 12 ms. */
import jstat from 'jstat'
import type { FlowSpread, Spread } from '../../contract/analysis.ts'

/** Minimum expected flows per member for the chi-square distribution to apply (Cochran's rule). */
const MIN_EXPECTED = 5

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

/** How evenly the connections are spread over the processes that serve the group, weighted by the members of each. */
export function connectionSpread(counts: {
  readonly byPid: ReadonlyMap<number, number>
  readonly members: ReadonlyMap<number, number>
}) {
  const pids = [...counts.byPid.keys()].filter((pid) => counts.members.has(pid))
  return flowSpreadOf(
    pids.map((pid) => counts.byPid.get(pid) ?? 0),
    pids.map((pid) => counts.members.get(pid) ?? 1),
  )
}

/** P(X >= x); 0 below about 10^-15, the limit of double precision. */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  return Math.min(1, Math.max(0, 1 - jstat.jStat.chisquare.cdf(x, degreesOfFreedom)))
}
