/** The findings list from top to bottom: headings, each followed by its incidents; those that are over come last. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import type { ClearedIncident } from '../../model/findings/cleared-incidents.ts'
import { incidentsOf } from '../../model/findings/incidents.ts'

/** `also`: the other findings of the same incident. */
export type ListItem =
  | { kind: 'heading'; text: string }
  | { kind: 'finding'; finding: FindingRow; also: readonly FindingRow[] }
  | { kind: 'cleared'; incident: ClearedIncident }

export const CLEARED = 'Cleared'
const HEADINGS = { critical: 'Critical', warning: 'Warnings', info: 'Notes' } as const

/**
 * `list` is sorted by severity, `cleared` by time, the newest first. With `withMuted`, muted findings follow those that
 * are not, under their own heading.
 */
export function listItems(
  list: readonly FindingRow[],
  withMuted: boolean,
  cleared: readonly ClearedIncident[] = [],
): ListItem[] {
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
  if (cleared.length > 0) items.push({ kind: 'heading', text: CLEARED })
  for (const incident of cleared) items.push({ kind: 'cleared', incident })
  return items
}

/** What an item is chosen by, and its place in the address; null for a heading. */
export function placeOf(item: ListItem): { finding: string; began?: number } | null {
  if (item.kind === 'heading') return null
  if (item.kind === 'finding') return { finding: item.finding.id }
  return { finding: item.incident.lead.id, began: item.incident.beganAt }
}
