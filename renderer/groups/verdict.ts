/** The first line that the eye reads: is any group in trouble? */
import type { FindingRow } from '../../electron/contract/analysis.ts'
import type { GroupRow } from '../../electron/contract/live.ts'
import { SEVERITY_RANKS, wordsFor } from '../findings/finding-words.ts'
import { shortSummary } from '../findings/short-summary.ts'
import { countOf, formatCount, formatQueue, formatRate } from '../ui/format.ts'
import type { GroupEntry } from './group-table.ts'
import { isFullest, isFullestNearly, rankOf, spokesmanOf, troubleOf } from './trouble.ts'

export type Verdict = {
  severity: 'critical' | 'warning' | 'none'
  /** The answer, in bold. */
  answer: string
  /** The group that shows it; null where none has to be named. */
  example: GroupEntry | null
  /** Why, following the example's name. */
  reason: string
}

export type TroubleCount = { critical: number; warning: number; info: number }

/** `worst` is the group to name: the first critical one, else the first warning; null where there is neither. */
export function verdictOf(counts: TroubleCount, groups: number, worst: GroupEntry | null): Verdict {
  if (counts.critical > 0 && worst) {
    const answer =
      counts.critical === 1 ? 'One group is in trouble.' : `${formatCount(counts.critical)} groups are in trouble.`
    return { severity: 'critical', answer, example: worst, reason: reasonOf(worst) }
  }
  if (counts.warning > 0 && worst) {
    const answer =
      counts.warning === 1
        ? 'No group is in trouble, one has a warning.'
        : `No group is in trouble, ${formatCount(counts.warning)} have a warning.`
    const over = worst.trouble.tag?.startsWith('was ') ?? false
    return {
      severity: 'warning',
      answer,
      example: worst,
      reason: over ? `${worst.trouble.tag} a moment ago.` : reasonOf(worst),
    }
  }
  if (groups === 0) return { severity: 'none', answer: 'There is no group on this machine.', example: null, reason: '' }
  return {
    severity: 'none',
    answer: 'No group is in trouble.',
    example: null,
    reason: `${countOf(groups, 'group')}: no queue is nearly full, and nothing is dropped now.`,
  }
}

/** What the row shows goes before what was found, for it has the numbers of now; but what is graver goes first. */
function reasonOf({ row, findings }: GroupEntry): string {
  const found = spokesmanOf(findings)
  if (found === null) return reasonFor(row)
  const shows = queueReason(row) !== null || dropReason(row) !== null
  const graver = SEVERITY_RANKS[found.severity] > rankOf(troubleOf(row))
  return graver || !shows ? `${wordsFor(found.code).clause ?? clauseOf(found)}.` : reasonFor(row)
}

/** "member 7 of 16 does not drain its queue; the others do, or have none" */
function clauseOf(finding: FindingRow): string {
  const sentence = shortSummary(finding)
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
}

/** "member 7 of 16 is full, dropping 38 connections a second." */
export function reasonFor(row: GroupRow): string {
  const parts = [queueReason(row), dropReason(row)].filter((part) => part !== null)
  return parts.length > 0 ? `${parts.join(', ')}.` : 'nothing is wrong now.'
}

function queueReason(row: GroupRow): string | null {
  const { fullest, queue, slots, receiving } = row
  if (!fullest || fullest.limit === null) return null
  if (isFullest(row)) {
    // Past 32 members a slot stands for several, so how many are full is not known.
    const full = slots.length === receiving ? slots.filter((slot) => slot > 1000).length : 0
    if (full === receiving && full > 1) return `all ${formatCount(full)} members are full`
    if (full > 1) return `${formatCount(full)} of ${formatCount(receiving)} members are full`
    return `${fullestName(row)} is full`
  }
  if (!isFullestNearly(row)) return null
  const { length, limit, unit } = formatQueue(fullest.length, fullest.limit, queue.unit)
  return `${fullestName(row)} is nearly full with ${length} of ${limit} ${unit || 'connections'}`
}

/** The member whose queue is fullest, as precisely as it is known. */
function fullestName({ slots, receiving, sharing }: GroupRow): string {
  if (sharing === 'inherited' || receiving === 1) return 'its queue'
  if (slots.length !== receiving) return `one of ${countOf(receiving, 'member')}`
  return `member ${slots.indexOf(Math.max(...slots)) + 1} of ${receiving}`
}

function dropReason({ dropsPerSecond, protocol }: GroupRow): string | null {
  if (dropsPerSecond === null || dropsPerSecond <= 0) return null
  return `dropping ${formatRate(dropsPerSecond)} ${protocol === 'tcp' ? 'connections' : 'datagrams'} a second`
}
