/** What is wrong with a group, in a sign and three words: judged from its row and its findings. */
import type { FindingRow } from '../../electron/contract/analysis.ts'
import { isFull, isNearlyFull } from '../../electron/contract/fullness.ts'
import type { GroupRow } from '../../electron/contract/live.ts'
import type { Severity } from '../../electron/contract/model.ts'
import { compareGravity, SEVERITY_RANKS, wordsFor } from '../findings/finding-words.ts'
import type { GroupEntry } from './group-table.ts'

export type Trouble = {
  severity: Severity | 'none'
  /** At most three words for the row; null where there is nothing to say. */
  tag: string | null
}

export const CALM: Trouble = { severity: 'none', tag: null }

/** True when the fullest queue of a group takes nothing more. */
export function isFullest({ fullest, queue, dropsPerSecond }: GroupRow): boolean {
  return fullest !== null && isFull({ ...fullest, unit: queue.unit }, (dropsPerSecond ?? 0) > 0)
}

/** True when little is left of the fullest queue of a group, and it is not full. */
export function isFullestNearly({ fullest, queue, dropsPerSecond }: GroupRow): boolean {
  return fullest !== null && isNearlyFull({ ...fullest, unit: queue.unit }, (dropsPerSecond ?? 0) > 0)
}

/**
 * What the row shows by itself: that a queue is full or that it drops is seen in the row sooner, and ends there sooner,
 * than the finding does; one queue of many processes is what the column of sharing says.
 */
const SAID_BY_THE_ROW: ReadonlySet<string> = new Set(['queue-overflowing', 'udp-receive-drops', 'not-a-group'])

/** The finding that speaks for a group: the gravest that is not muted and that the row does not show by itself. */
export function spokesmanOf(findings: readonly FindingRow[]): FindingRow | null {
  const heard = findings.filter(({ code, muted }) => !muted && !SAID_BY_THE_ROW.has(code))
  return heard.sort(compareGravity)[0] ?? null
}

/** The gravest of what the row tells and of what was found. */
export function troubleOf(row: GroupRow, findings: readonly FindingRow[] = []): Trouble {
  const seen = troubleInRow(row, findings)
  const found = spokesmanOf(findings)
  if (found === null || SEVERITY_RANKS[found.severity] < rankOf(seen)) return seen
  return { severity: found.severity, tag: wordsFor(found.code).tag }
}

function troubleInRow(row: GroupRow, findings: readonly FindingRow[]): Trouble {
  const dropping = (row.dropsPerSecond ?? 0) > 0
  if (isFullest(row)) return { severity: 'critical', tag: 'queue full' }
  if (dropping) return { severity: 'critical', tag: 'dropping' }
  if (isFullestNearly(row)) return { severity: 'warning', tag: 'nearly full' }
  // Where there is a finding of it, that one speaks, or is muted.
  const told = findings.some(({ code }) => code === 'udp-newest-takes-all')
  if (row.sharing === 'reuseaddr' && row.receiving > 1 && !told) return { severity: 'info', tag: 'newest takes all' }
  if (row.ownersHidden > 0 && row.sharing !== 'none') return { severity: 'info', tag: 'owners hidden' }
  return CALM
}

/** What the findings of it keep true between two looks: a group that loses in bursts keeps its place. */
const LOSING: ReadonlySet<string> = new Set(['queue-overflowing', 'udp-receive-drops'])

/** Higher comes first: by severity, and among critical ones the groups that turn clients away. */
export function urgencyOf({ row, trouble, findings }: Pick<GroupEntry, 'row' | 'trouble' | 'findings'>): number {
  if (trouble.severity !== 'critical') return rankOf(trouble)
  const losing = isFullest(row) || (row.dropsPerSecond ?? 0) > 0 || findings.some(({ code }) => LOSING.has(code))
  return rankOf(trouble) + Number(losing)
}

/** Higher is graver. */
export function rankOf(trouble: Trouble): number {
  return SEVERITY_RANKS[trouble.severity]
}

const OVER: Readonly<Record<string, string>> = { 'queue full': 'was full', dropping: 'was dropping' }

/** A trouble of the row that is over: shown for a moment, so that a row which drops in bursts keeps its place. null for what ends at once. */
export function justOver({ severity, tag }: Trouble): Trouble | null {
  const over = severity === 'critical' && tag !== null ? OVER[tag] : undefined
  return over === undefined ? null : { severity: 'warning', tag: over }
}
