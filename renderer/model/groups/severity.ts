/** Severity of a group and a tag of at most three words, derived from its row and its findings. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import type { FindingCode, Severity } from '../../../electron/contract/model.ts'
import { isFull, isNearlyFull } from '../../../electron/contract/utilization.ts'
import { compareImportance, SEVERITY_RANKS, textsFor } from '../findings/finding-texts.ts'
import type { GroupEntry } from './group-table.ts'

export type GroupSeverity = {
  severity: Severity | 'none'
  /** At most three words for the row; null for none. */
  tag: string | null
}

/** How many groups have each severity. */
export type SeverityCounts = { critical: number; warning: number; info: number }

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
export function topFinding(findings: readonly FindingRow[]): FindingRow | null {
  const heard = findings.filter(({ code, muted }) => !muted && !SHOWN_IN_ROW.has(code))
  return heard.sort(compareImportance)[0] ?? null
}

/** The more severe of the row's own state and its top finding. */
export function severityOf(row: GroupRow, findings: readonly FindingRow[] = []): GroupSeverity {
  const seen = rowSeverity(row, findings)
  const found = topFinding(findings)
  if (found === null || SEVERITY_RANKS[found.severity] < rankOf(seen)) return seen
  return { severity: found.severity, tag: textsFor(found.code).tag }
}

function rowSeverity(row: GroupRow, findings: readonly FindingRow[]): GroupSeverity {
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

/** Findings that stay raised between bursts, so that a group that drops in bursts keeps its place. */
const LOSING: ReadonlySet<string> = new Set<FindingCode>(['queue-overflowing', 'udp-receive-drops'])

/** Higher comes first: by severity, and among critical ones the groups that are losing clients. */
export function urgencyOf({ row, trouble, findings }: Pick<GroupEntry, 'row' | 'trouble' | 'findings'>): number {
  if (trouble.severity !== 'critical') return rankOf(trouble)
  const losing = isFullest(row) || (row.dropsPerSecond ?? 0) > 0 || findings.some(({ code }) => LOSING.has(code))
  return rankOf(trouble) + Number(losing)
}

/** Higher is more severe. */
export function rankOf(trouble: GroupSeverity): number {
  return SEVERITY_RANKS[trouble.severity]
}

const OVER: Readonly<Record<string, string>> = { 'queue full': 'was full', dropping: 'was dropping' }

/**
 * The state shown for a moment after trouble ended, so that a row that drops in bursts keeps its place; null for
 * trouble that ends at once.
 */
export function recentlyOver({ severity, tag }: GroupSeverity): GroupSeverity | null {
  const over = severity === 'critical' && tag !== null ? OVER[tag] : undefined
  return over === undefined ? null : { severity: 'warning', tag: over }
}
