/** Checks: claims put to the kernel, and the threshold between pass and fail. */

import { pluralize } from '../../../contract/format.ts'
import type { Check } from '../../../contract/lab.ts'
import { probabilityText } from '../../analyze/significance.ts'
import { flowSpreadOf } from '../../analyze/statistics.ts'

/**
 * A result that chance gives less often than this is not attributed to chance. A recipe makes a handful of such checks,
 * so a true claim fails once in some hundred thousand runs.
 */
export const ONE_IN_A_MILLION = 1e-6

/** The check that flows are spread as by chance: in equal parts, or in proportion to `weights`. */
export function checkSpread(claim: string, flows: readonly number[], weights?: readonly number[]): Check {
  const spread = flowSpreadOf(flows, weights)
  const bound =
    "Pearson's chi-square test over flows, each of which the hash places independently of the others: it fails only where chance gives such a spread less than once in a million runs."
  if (spread?.p == null) {
    return {
      claim,
      observed: `${pluralize(spread?.total ?? 0, 'flow')} are too few to tell`,
      holds: null,
      threshold: bound,
    }
  }
  const { chiSquare, degreesOfFreedom, p } = spread
  const observed = `${pluralize(spread.total, 'flow')} spread as ${flows.join(', ')}: chi-square ${chiSquare.toFixed(1)} with ${pluralize(degreesOfFreedom, 'degree')} of freedom, ${probabilityText(p)}`
  return { claim, observed, holds: p >= ONE_IN_A_MILLION, threshold: bound }
}

/** A check that every run answers with yes or no: no chance is involved. */
export function exactCheck(claim: string, holds: boolean, observed: string, bound: string): Check {
  return { claim, observed, holds, threshold: bound }
}

/** A claim that cannot be checked here. */
export function skippedCheck(claim: string, why: string): Check {
  return { claim, observed: why, holds: null, threshold: 'Not checked.' }
}
