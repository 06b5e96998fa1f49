/** The sentence on top of a group once it is known what was found: nothing is well where something graver was. */
import type { FindingRow } from '../../electron/contract/analysis.ts'
import { compareGravity, SEVERITY_RANKS, wordsFor } from '../findings/finding-words.ts'
import { shortSummary } from '../findings/short-summary.ts'
import { spokesmanOf } from '../groups/trouble.ts'
import { formatCount } from '../ui/format.ts'
import type { GroupVerdict } from './group-verdict.ts'

/** Number of a member on this screen; undefined where it is not among those that receive. */
export type NumberOf = (id: string) => number | undefined

/** What the members show by themselves, or the finding that is graver, with theirs after it. */
export function withFindings(
  verdict: GroupVerdict,
  findings: readonly FindingRow[],
  numberOf: NumberOf = () => undefined,
): GroupVerdict {
  const found = spokesmanOf(findings)
  if (found === null || SEVERITY_RANKS[found.severity] <= SEVERITY_RANKS[verdict.severity]) return verdict
  return {
    severity: found.severity,
    answer: `${sentenceOf(found, numberOf)}.`,
    reason: verdict.severity === 'none' ? verdict.reason : `${verdict.answer} ${verdict.reason}`,
  }
}

/** The finding's own sentence; where it is about one member, with the number that this one has on screen. */
function sentenceOf(found: FindingRow, numberOf: NumberOf): string {
  const [first, ...others] = found.members
  const number = first === undefined ? undefined : numberOf(first)
  return found.code === 'member-stalled' && number !== undefined && others.length === 0
    ? `Member ${formatCount(number)} does not drain its queue; the others do, or have none`
    : shortSummary(found)
}

/** Cookies of the members that a critical finding is about, with its tag. */
export function accusedOf(findings: readonly FindingRow[]): ReadonlyMap<string, string> {
  const critical = findings.filter(({ severity, muted }) => severity === 'critical' && !muted)
  // The gravest is told last, and stays.
  return new Map(critical.toReversed().flatMap(({ code, members }) => members.map((id) => [id, wordsFor(code).tag])))
}

/** Findings that are to be told of, the gravest first. */
export function heardOf(findings: readonly FindingRow[]): readonly FindingRow[] {
  return findings.filter(({ muted }) => !muted).sort(compareGravity)
}
