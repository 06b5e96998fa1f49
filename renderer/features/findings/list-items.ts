/** The findings list from top to bottom: headings, each followed by its findings. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'

export type ListItem = { kind: 'heading'; text: string } | { kind: 'finding'; finding: FindingRow }

const HEADINGS = { critical: 'Critical', warning: 'Warnings', info: 'Notes' } as const

/** `list` is sorted by severity. With `withMuted`, muted findings follow at the end under their own heading. */
export function listItems(list: readonly FindingRow[], withMuted: boolean): ListItem[] {
  const items: ListItem[] = []
  let section: string | null = null
  const add = (heading: string, finding: FindingRow) => {
    if (heading !== section) items.push({ kind: 'heading', text: heading })
    section = heading
    items.push({ kind: 'finding', finding })
  }
  for (const finding of list) if (!finding.muted) add(HEADINGS[finding.severity], finding)
  if (withMuted) for (const finding of list) if (finding.muted) add('Muted', finding)
  return items
}
