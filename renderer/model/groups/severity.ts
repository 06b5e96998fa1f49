/** Severity in lists of groups: counts and order. */
import type { FindingCode } from '../../../electron/contract/model.ts'
import { isFullest, rankOf } from '../../../electron/contract/trouble.ts'
import type { GroupEntry } from './group-table.ts'

/** How many groups have each severity. */
export type SeverityCounts = { critical: number; warning: number; info: number }

/** Findings that stay raised between bursts, so that a group that drops in bursts keeps its place. */
const LOSING: ReadonlySet<string> = new Set<FindingCode>(['queue-overflowing', 'udp-receive-drops'])

/** Higher comes first: by severity, and among critical ones the groups that are losing clients. */
export function urgencyOf({ row, trouble, findings }: Pick<GroupEntry, 'row' | 'trouble' | 'findings'>): number {
  if (trouble.severity !== 'critical') return rankOf(trouble)
  const losing = isFullest(row) || (row.dropsPerSecond ?? 0) > 0 || findings.some(({ code }) => LOSING.has(code))
  return rankOf(trouble) + Number(losing)
}
