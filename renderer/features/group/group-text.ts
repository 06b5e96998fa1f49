/** The group as text, for the clipboard. */
import { protocolName } from '../../../electron/contract/format.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { addressText } from '../../ui/format.ts'
import { visibleText, withoutIsolates } from '../../ui/visible-text.ts'
import type { EvidenceSummary } from './evidence.ts'
import { formatHolders } from './facts.ts'
import type { GroupVerdict } from './group-verdict.ts'
import type { MemberEntry } from './member-entry.ts'

const COLUMNS = ['#', 'cookie', 'queue', 'limit', 'unit', 'drops/s', 'drops', 'process', 'pid']

/** Two lines of text, then the members as tab-separated values. Unknown values are left empty. */
export function groupText(
  row: GroupRow,
  members: readonly MemberEntry[],
  verdict: GroupVerdict,
  evidence: EvidenceSummary,
): string {
  const endpoint = `${protocolName(row)} ${addressText(row.address, row.family, row.interface)}:${row.port}`
  const lines = members.map(({ number, row, owner }) =>
    [
      number,
      row.cookie,
      row.queue.length,
      row.queue.limit,
      row.queue.unit,
      row.dropsPerSecond,
      row.drops,
      owner?.command,
      owner?.pid,
    ]
      .map((value) => plain(value ?? ''))
      .join('\t'),
  )
  return [
    `${endpoint}: ${row.sharing} (${evidence.short}), ${plain(formatHolders(row) ?? 'owners unknown')}`,
    plain(`${verdict.answer} ${verdict.reason}`),
    COLUMNS.join('\t'),
    ...lines,
    '',
  ].join('\n')
}

/** Process names are arbitrary: makes every character visible, and defuses spreadsheet formulas. */
function plain(value: string | number): string {
  const text = visibleText(withoutIsolates(String(value)))
  return /^[=+\-@]/.test(text) && typeof value === 'string' ? `'${text}` : text
}
