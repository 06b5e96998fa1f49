/** Claims put to the kernel, and where the line between yes and no lies. */
import type { Trial } from '../../../contract/lab.ts'
import { several } from '../../../contract/words.ts'
import { flowSpreadOf, probabilityText } from '../../analysis/statistics.ts'

/**
 * What chance alone does less often than this is not put down to chance. A recipe asks a handful of such questions, so a
 * true claim is called false once in some hundred thousand runs.
 */
export const ONE_IN_A_MILLION = 1e-6

/** The claim that flows are spread as chance spreads them: in equal parts, or in proportion to `weights`. */
export function asChanceHasIt(claim: string, flows: readonly number[], weights?: readonly number[]): Trial {
  const spread = flowSpreadOf(flows, weights)
  const bound =
    "Pearson's chi-square test over flows, each of which the hash places independently of the others: false only where chance makes such a spread less than once in a million runs."
  if (spread?.p == null) {
    return { claim, observed: `${several(spread?.total ?? 0, 'flow')} are too few to tell`, holds: null, bound }
  }
  const { chiSquare, degreesOfFreedom, p } = spread
  const observed = `${several(spread.total, 'flow')} as ${flows.join(', ')}: chi-square ${chiSquare.toFixed(1)} with ${several(degreesOfFreedom, 'degree')} of freedom, ${probabilityText(p)}`
  return { claim, observed, holds: p >= ONE_IN_A_MILLION, bound }
}

/** A claim of which every run says yes or no: no chance is in it. */
export function exactly(claim: string, holds: boolean, observed: string, bound: string): Trial {
  return { claim, observed, holds, bound }
}

/** A claim that cannot be put to the kernel here. */
export function untried(claim: string, why: string): Trial {
  return { claim, observed: why, holds: null, bound: 'Not tried.' }
}
