/** What stands in the list of findings, from top to bottom: headings, and findings under them. */
import type { FindingRow } from '../../electron/contract/analysis.ts'

export type ListItem = { kind: 'heading'; text: string } | { kind: 'finding'; finding: FindingRow }

const HEADINGS = { critical: 'Critical', warning: 'Warnings', info: 'Notes' } as const

/** `list` by severity. Muted ones stand under a heading of their own at the end, where they are asked for. */
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
