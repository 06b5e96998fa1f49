/** The verdict at the top of a group, combined with its findings: the more severe one wins. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { compareImportance, SEVERITY_RANKS, textsFor } from '../../../electron/contract/finding-types.ts'
import type { FindingCode } from '../../../electron/contract/model.ts'
import { topFinding } from '../../../electron/contract/trouble.ts'
import { shortSummary } from '../../model/findings/short-summary.ts'
import { formatCount } from '../../ui/format.ts'
import { visibleText } from '../../ui/visible-text.ts'
import type { GroupVerdict } from './group-verdict.ts'

/** Number of a member on this screen; undefined if it is not a receiver. */
export type NumberOf = (id: string) => number | undefined

/**
 * The members' own verdict, or a finding that is at least as severe, followed by that verdict. Where such a finding is
 * about several members, it says how many; those that are full at this moment are only some of them.
 */
export function withFindings(
  verdict: GroupVerdict,
  findings: readonly FindingRow[],
  numberOf: NumberOf = () => undefined,
): GroupVerdict {
  const found = topFinding(findings)
  const rank = SEVERITY_RANKS[verdict.severity]
  if (found === null || SEVERITY_RANKS[found.severity] < rank) return verdict
  const partial = SEVERITY_RANKS[found.severity] === rank && found.members.length > 1
  return {
    severity: found.severity,
    answer: `${sentenceOf(found, numberOf)}.`,
    reason: partial ? '' : verdict.severity === 'none' ? verdict.reason : `${verdict.answer} ${verdict.reason}`.trim(),
  }
}

/** The finding's own sentence; for a single member, with the member's number on screen. */
function sentenceOf(found: FindingRow, numberOf: NumberOf): string {
  const [first, ...others] = found.members
  const number = first === undefined ? undefined : numberOf(first)
  return found.code === ('member-stalled' satisfies FindingCode) && number !== undefined && others.length === 0
    ? `Member ${formatCount(number)} is not draining its queue; the others are, or are empty`
    : visibleText(shortSummary(found))
}

/** Cookies of members with a critical finding, and its tag. */
export function membersWithCritical(findings: readonly FindingRow[]): ReadonlyMap<string, string> {
  const critical = findings.filter(({ severity, muted }) => severity === 'critical' && !muted)
  // The most severe comes last and overwrites the others.
  return new Map(critical.toReversed().flatMap(({ code, members }) => members.map((id) => [id, textsFor(code).tag])))
}

/** Unmuted findings, most severe first. */
export function visibleFindings(findings: readonly FindingRow[]): readonly FindingRow[] {
  return findings.filter(({ muted }) => !muted).sort(compareImportance)
}
