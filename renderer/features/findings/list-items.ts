/** The findings list from top to bottom: headings, each followed by its incidents. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { incidentsOf } from '../../model/findings/incidents.ts'

/** `also`: the other findings of the same incident. */
export type ListItem =
  | { kind: 'heading'; text: string }
  | { kind: 'finding'; finding: FindingRow; also: readonly FindingRow[] }

const HEADINGS = { critical: 'Critical', warning: 'Warnings', info: 'Notes' } as const

/** `list` is sorted by severity. With `withMuted`, muted findings follow at the end under their own heading. */
export function listItems(list: readonly FindingRow[], withMuted: boolean): ListItem[] {
  const items: ListItem[] = []
  let section: string | null = null
  const add = (heading: string, finding: FindingRow, also: readonly FindingRow[]) => {
    if (heading !== section) items.push({ kind: 'heading', text: heading })
    section = heading
    items.push({ kind: 'finding', finding, also })
  }
  const incidents = incidentsOf(list)
  for (const { lead, also } of incidents) if (!lead.muted) add(HEADINGS[lead.severity], lead, also)
  if (withMuted) for (const { lead, also } of incidents) if (lead.muted) add('Muted', lead, also)
  return items
}
