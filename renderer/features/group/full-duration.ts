/** A group's history from before its screen was opened. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import type { FindingCode } from '../../../electron/contract/model.ts'
import type { Sample } from '../../model/history/history.ts'
import type { FullFor } from './group-verdict.ts'

/**
 * How long the group's fullest queue has been at or past its limit at `now`, by the engine's clock; null if it is not,
 * or without history. A finding that says so may be older than the history.
 */
export function fullDuration(
  samples: readonly Sample[],
  now: number,
  findings: readonly Pick<FindingRow, 'code' | 'raisedAt'>[] = [],
): FullFor | null {
  let since: number | null = null
  let first = samples.length
  for (let i = samples.length - 1; i >= 0; i--) {
    const sample = samples[i]
    if (!sample || sample.utilization < 1000) break
    since = sample.at
    first = i
  }
  if (since === null) return null
  const overflowing = findings.find(({ code }) => code === ('queue-overflowing' satisfies FindingCode))
  const raised = overflowing?.raisedAt == null ? now : Date.parse(overflowing.raisedAt)
  return raised < since ? { ms: now - raised, atLeast: true } : { ms: now - since, atLeast: first === 0 }
}
