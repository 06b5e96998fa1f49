/** Whether a spread is more uneven than chance explains, and how that is said. */
import type { FlowSpread } from '../../contract/analysis.ts'

/** Significance level: chance alone makes one in a thousand spreads this uneven. */
export const SIGNIFICANCE_LEVEL = 0.001
const DOUBTFUL_LEVEL = 0.01

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
