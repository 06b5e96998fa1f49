/** The line above the table: is any group in trouble? */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { SEVERITY_RANKS, textsFor } from '../../../electron/contract/finding-types.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { isFullest, isNearlyFullest, rankOf, severityOf, topFinding } from '../../../electron/contract/trouble.ts'
import { countOf, formatCount, formatQueue, formatRate } from '../../ui/format.ts'
import { shortSummary } from '../findings/short-summary.ts'
import type { GroupEntry } from './group-table.ts'
import type { SeverityCounts } from './severity.ts'

export type Verdict = {
  severity: 'critical' | 'warning' | 'none'
  /** The answer, in bold. */
  answer: string
  /** The group to name; null where none is needed. */
  example: GroupEntry | null
  /** Why, following the example's name. */
  reason: string
}

/** The namespaces that the counts are of, as text, and the groups in trouble outside of them. */
export type Where = { readonly name: string; readonly elsewhere: number }

/**
 * `worst` is the group to name: the first critical one, else the first warning; null where there is neither. `where` is
 * null for all namespaces.
 */
export function verdictOf(
  counts: SeverityCounts,
  groups: number,
  worst: GroupEntry | null,
  where: Where | null = null,
): Verdict {
  const verdict = verdictIn(counts, groups, worst, where === null ? '' : ` in ${where.name}`)
  if (where === null || where.elsewhere === 0) return verdict
  const others = where.elsewhere === 1 ? 'one group is' : `${formatCount(where.elsewhere)} groups are`
  return { ...verdict, reason: `${verdict.reason} Elsewhere, ${others} in trouble.`.trim() }
}

function verdictIn(counts: SeverityCounts, groups: number, worst: GroupEntry | null, place: string): Verdict {
  if (counts.critical > 0 && worst) {
    const answer =
      counts.critical === 1
        ? `One group${place} is in trouble.`
        : `${formatCount(counts.critical)} groups${place} are in trouble.`
    return { severity: 'critical', answer, example: worst, reason: reasonOf(worst) }
  }
  if (counts.warning > 0 && worst) {
    const answer =
      counts.warning === 1
        ? `No group${place} is in trouble; one has a warning.`
        : `No group${place} is in trouble; ${formatCount(counts.warning)} have warnings.`
    const over = worst.trouble.tag?.startsWith('was ') ?? false
    return {
      severity: 'warning',
      answer,
      example: worst,
      reason: over ? `${worst.trouble.tag} a moment ago.` : reasonOf(worst),
    }
  }
  if (groups === 0)
    return { severity: 'none', answer: `No groups${place || ' on this machine'}.`, example: null, reason: '' }
  return {
    severity: 'none',
    answer: `No group${place} is in trouble.`,
    example: null,
    reason: `${countOf(groups, 'group')}: no queue is nearly full, and nothing is being dropped.`,
  }
}

/**
 * The row's own state takes precedence over a finding, since its numbers are current, unless the finding is more
 * severe.
 */
function reasonOf({ row, findings }: GroupEntry): string {
  const found = topFinding(findings)
  if (found === null) return reasonFor(row)
  const shows = queueReason(row) !== null || dropReason(row) !== null
  const moreSevere = SEVERITY_RANKS[found.severity] > rankOf(severityOf(row))
  return moreSevere || !shows ? `${textsFor(found.code).clause ?? clauseOf(found)}.` : reasonFor(row)
}

/** "member 7 of 16 is not draining its queue; the others are, or are empty" */
function clauseOf(finding: FindingRow): string {
  const sentence = shortSummary(finding)
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
}

/** "member 7 of 16 is full, dropping 38 connections per second." */
export function reasonFor(row: GroupRow): string {
  const parts = [queueReason(row), dropReason(row)].filter((part) => part !== null)
  return parts.length > 0 ? `${parts.join(', ')}.` : 'nothing is wrong.'
}

function queueReason(row: GroupRow): string | null {
  const { fullest, queue, queueUtilization: slots, receiving } = row
  if (!fullest || fullest.limit === null) return null
  if (isFullest(row)) {
    // Beyond 32 members a slot stands for several, so the number of full ones is unknown.
    const full = slots.length === receiving ? slots.filter((slot) => slot > 1000).length : 0
    if (full === receiving && full > 1) return `all ${formatCount(full)} members are full`
    if (full > 1) return `${formatCount(full)} of ${formatCount(receiving)} members are full`
    return `${fullestName(row)} is full`
  }
  if (!isNearlyFullest(row)) return null
  const { length, limit, unit } = formatQueue(fullest.length, fullest.limit, queue.unit)
  return `${fullestName(row)} is nearly full with ${length} of ${limit} ${unit || 'connections'}`
}

/** The member with the fullest queue, as precisely as the row allows. */
function fullestName({ queueUtilization: slots, receiving, sharing }: GroupRow): string {
  if (sharing === 'inherited' || receiving === 1) return 'its queue'
  if (slots.length !== receiving) return `one of ${countOf(receiving, 'member')}`
  return `member ${slots.indexOf(Math.max(...slots)) + 1} of ${receiving}`
}

function dropReason({ dropsPerSecond, protocol }: GroupRow): string | null {
  if (dropsPerSecond === null || dropsPerSecond <= 0) return null
  return `dropping ${formatRate(dropsPerSecond)} ${protocol === 'tcp' ? 'connections' : 'datagrams'} per second`
}
