/** The engine's history in the form of the page's. */
import type { HistorySteps } from '../../../electron/contract/history.ts'
import type { Sample } from './history.ts'

/** Steps as samples; those in which nothing was read are unknown. */
export function samplesOf(steps: readonly HistorySteps[]): Sample[] {
  return steps.flatMap(({ from, stepMs, utilization, lost }) =>
    utilization.map((level, at) => {
      const loss = lost[at] ?? -1
      return { at: from + at * stepMs, utilization: Math.max(level, -1), lost: loss < 0 ? null : loss }
    }),
  )
}
