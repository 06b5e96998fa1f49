/** The sentence on top of a group once it is known what was found: nothing is well where something graver was. */
import type { FindingRow } from '../../electron/contract/analysis.ts'
import { compareGravity, SEVERITY_RANKS } from '../findings/finding-words.ts'
import { shortSummary } from '../findings/short-summary.ts'
import { spokesmanOf } from '../groups/trouble.ts'
import type { GroupVerdict } from './group-verdict.ts'

/** What the members show by themselves, or the finding that is graver, with theirs after it. */
export function withFindings(verdict: GroupVerdict, findings: readonly FindingRow[]): GroupVerdict {
  const found = spokesmanOf(findings)
  if (found === null || SEVERITY_RANKS[found.severity] <= SEVERITY_RANKS[verdict.severity]) return verdict
  return {
    severity: found.severity,
    answer: `${shortSummary(found)}.`,
    reason: verdict.severity === 'none' ? verdict.reason : `${verdict.answer} ${verdict.reason}`,
  }
}

/** Findings that are to be told of, the gravest first. */
export function heardOf(findings: readonly FindingRow[]): readonly FindingRow[] {
  return findings.filter(({ muted }) => !muted).sort(compareGravity)
}
