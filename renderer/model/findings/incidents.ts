/** Findings of one cause in one group are one incident: the most important one speaks for the others. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { causeOf, compareImportance } from '../../../electron/contract/finding-types.ts'

export type Incident = {
  /** The most important of its findings. */
  readonly lead: FindingRow
  /** The others, by importance. */
  readonly also: readonly FindingRow[]
}

/** The incidents of these findings, in the order of their leads in `list`. Muted findings are in incidents of their own. */
export function incidentsOf(list: readonly FindingRow[]): Incident[] {
  const byCause = new Map<string, FindingRow[]>()
  for (const finding of list) {
    const name = `${finding.muted ? 'muted ' : ''}${causeOf(finding.code)}:${finding.group}`
    const others = byCause.get(name)
    if (others === undefined) byCause.set(name, [finding])
    else others.push(finding)
  }
  return [...byCause.values()].flatMap((findings) => {
    const [lead, ...also] = findings.sort(compareImportance)
    return lead === undefined ? [] : [{ lead, also }]
  })
}

/** When the first of its findings was raised; null in a snapshot. */
export function beganAt({ lead, also }: Incident): string | null {
  const times = [lead, ...also].flatMap(({ raisedAt }) => raisedAt ?? [])
  return times.sort()[0] ?? null
}

/** The incident that a finding is part of; undefined where it is in none. */
export function incidentWith(incidents: readonly Incident[], id: string): Incident | undefined {
  return incidents.find(({ lead, also }) => lead.id === id || also.some((finding) => finding.id === id))
}
