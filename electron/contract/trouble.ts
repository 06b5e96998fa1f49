/** The trouble of a group: its severity, and a tag of at most three words, derived from its row and its findings. */
import { compareImportance, SEVERITY_RANKS, textsFor } from './finding-types.ts'
import type { GroupRow } from './live.ts'
import type { FindingCode, Severity } from './model.ts'
import { isFull, isNearlyFull } from './utilization.ts'

export type GroupSeverity = {
  severity: Severity | 'none'
  /** At most three words for the row; null for none. */
  tag: string | null
}

/** What is read of a finding. */
type Found = { readonly code: string; readonly severity: Severity; readonly muted: boolean }

export const NO_TROUBLE: GroupSeverity = { severity: 'none', tag: null }

/** True when the fullest queue of a group accepts nothing more. */
export function isFullest({ fullest, queue, dropsPerSecond }: GroupRow): boolean {
  return fullest !== null && isFull({ ...fullest, unit: queue.unit }, (dropsPerSecond ?? 0) > 0)
}

/** True when the fullest queue of a group is nearly full, but not full. */
export function isNearlyFullest({ fullest, queue, dropsPerSecond }: GroupRow): boolean {
  return fullest !== null && isNearlyFull({ ...fullest, unit: queue.unit }, (dropsPerSecond ?? 0) > 0)
}

/**
 * Findings that the row shows by itself: a full queue or drops appear in the row sooner, and end there sooner, than the
 * finding; one queue shared by many processes is shown in the sharing column.
 */
const SHOWN_IN_ROW: ReadonlySet<string> = new Set<FindingCode>([
  'queue-overflowing',
  'udp-receive-drops',
  'not-a-group',
])

/** The finding to show for a group: the most severe unmuted one that the row does not already show. */
export function topFinding<Finding extends Found>(findings: readonly Finding[]): Finding | null {
  const heard = findings.filter(({ code, muted }) => !muted && !SHOWN_IN_ROW.has(code))
  return heard.sort(compareImportance)[0] ?? null
}

/** The more severe of the row's own state and its top finding. */
export function severityOf(row: GroupRow, findings: readonly Found[] = []): GroupSeverity {
  const seen = rowSeverity(row, findings)
  const found = topFinding(findings)
  if (found === null || SEVERITY_RANKS[found.severity] < rankOf(seen)) return seen
  return { severity: found.severity, tag: textsFor(found.code).tag }
}

function rowSeverity(row: GroupRow, findings: readonly Found[]): GroupSeverity {
  const dropping = (row.dropsPerSecond ?? 0) > 0
  if (isFullest(row)) return { severity: 'critical', tag: 'queue full' }
  if (dropping) return { severity: 'critical', tag: 'dropping' }
  if (isNearlyFullest(row)) return { severity: 'warning', tag: 'nearly full' }
  // Where a finding reports this, it takes precedence, even when muted.
  const reported = findings.some(({ code }) => code === ('udp-newest-takes-all' satisfies FindingCode))
  if (row.sharing === 'reuseaddr' && row.receiving > 1 && !reported)
    return { severity: 'info', tag: 'newest takes all' }
  if (row.ownersHidden > 0 && row.sharing !== 'none') return { severity: 'info', tag: 'owners hidden' }
  return NO_TROUBLE
}

/** Higher is more severe. */
export function rankOf(trouble: GroupSeverity): number {
  return SEVERITY_RANKS[trouble.severity]
}
