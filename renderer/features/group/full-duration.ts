/** A group's history from before its screen was opened. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import type { History } from '../../model/history/history.ts'
import type { FullFor } from './group-verdict.ts'

/** How long the group's fullest queue has been at or past its limit at `now`; null if it is not, or without history. */
export function fullDuration(history: History, { id }: GroupRow, now: number): FullFor | null {
  const samples = history.read(id, now - history.windowMs, now)
  let since: number | null = null
  let first = samples.length
  for (let i = samples.length - 1; i >= 0; i--) {
    const sample = samples[i]
    if (!sample || sample.utilization < 1000) break
    since = sample.at
    first = i
  }
  return since === null ? null : { ms: now - since, atLeast: first === 0 }
}
