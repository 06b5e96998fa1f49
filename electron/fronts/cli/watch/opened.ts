/** What is open over the live table, as a title and lines. Pure. */
import type { Process } from '../../../contract/live.ts'
import type { Snapshot } from '../../../contract/model.ts'
import { groupPage } from '../pages/group-page.ts'
import { type Line, line, span } from '../text.ts'
import { findingLines, keyLines, type WatchedFinding } from './panels.ts'
import type { Opened } from './view.ts'

/** The group that is open, as last read; `snapshot` null: not yet. */
export type OpenedGroup = { readonly snapshot: Snapshot | null; readonly processes: readonly Process[] }

export function openedLines(
  opened: Opened,
  { snapshot, processes }: OpenedGroup,
  findings: readonly WatchedFinding[],
  columns: number,
): { readonly title: Line; readonly lines: readonly Line[] } {
  const prose = Math.min(columns, 100)
  if (opened.kind === 'keys') return { title: line(span('Keys', 'strong')), lines: keyLines(prose) }
  if (opened.kind === 'findings')
    return { title: line(span('Findings', 'strong')), lines: findingLines(findings, prose) }
  const title = line(span(`Group ${opened.id.slice(0, 8)}`, 'strong'), span('  y copies its id', 'quiet'))
  if (snapshot === null) return { title, lines: [line('Reading its members …')] }
  const group = snapshot.groups.find(({ id }) => id === opened.id)
  if (group === undefined) return { title, lines: [line('This group is gone.')] }
  return { title, lines: groupPage(group, snapshot, processes, { owners: true }, { width: columns }) }
}
