/** The page of `groups --hosts`: the groups of all hosts, worst first, and on a terminal a summary. */
import type { ListedGroup } from '../../../contract/group-list.ts'
import type { Finding, Namespace, Snapshot } from '../../../contract/model.ts'
import { listedGroup } from '../../../engine/snapshots/index.ts'
import { pluralize } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { groupColumns } from '../listing/group-columns.ts'
import { byEndpoint } from '../summary.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, span } from '../text.ts'

export type HostSnapshot = { readonly host: string; readonly snapshot: Snapshot }
type FleetRow = {
  readonly host: string
  readonly summary: ListedGroup
  readonly severity: number
  readonly used: number
}

const SEVERITY: Record<Finding['severity'], number> = { critical: 3, warning: 2, info: 1 }

/** `asked`: every host, also those that could not be reached. */
export function fleetPage(
  found: readonly HostSnapshot[],
  asked: readonly string[],
  { owners }: { readonly owners: boolean },
  terminal: Pick<Terminal, 'width' | 'interactive'>,
): Line[] {
  const rows = found.flatMap(rowsOf).sort(worstFirst)
  const lines =
    rows.length > 0 || !terminal.interactive ? table(columnsFor(found, rows, owners), rows, terminal.width) : []
  if (!terminal.interactive) return lines
  const hosts =
    found.length === asked.length
      ? pluralize(asked.length, 'host')
      : `${found.length} of ${pluralize(asked.length, 'host')}`
  const sentence = `${pluralize(rows.length, 'group')} on ${hosts}.`
  return [...lines, ...(rows.length > 0 ? [line('')] : []), line(span(sentence, 'quiet'))]
}

function rowsOf({ host, snapshot }: HostSnapshot): FleetRow[] {
  const severities = new Map<string, number>()
  for (const { group, severity } of snapshot.findings)
    severities.set(group, Math.max(severities.get(group) ?? 0, SEVERITY[severity]))
  return snapshot.groups.map((group) => {
    const summary = listedGroup(group)
    const { length = 0, limit = null } = summary.fullest ?? {}
    return {
      host,
      summary,
      severity: severities.get(group.id) ?? 0,
      used: limit === null || limit === 0 ? 0 : length / limit,
    }
  })
}

function worstFirst(a: FleetRow, b: FleetRow): number {
  return (
    b.severity - a.severity ||
    b.used - a.used ||
    byEndpoint(a.summary, b.summary) ||
    (a.host < b.host ? -1 : a.host > b.host ? 1 : 0)
  )
}

/** Those of `groups`, behind the host. */
function columnsFor(found: readonly HostSnapshot[], rows: readonly FleetRow[], owners: boolean): Column<FleetRow>[] {
  const namespaces: Namespace[] = found.flatMap(({ snapshot }) => snapshot.namespaces)
  const columns = groupColumns(
    rows.map(({ summary }) => summary),
    { namespaces, owners },
  )
  return [
    { title: 'HOST', priority: 98, shrinkTo: 8, cell: ({ host }) => host },
    ...columns.map(({ cell, ...column }): Column<FleetRow> => ({ ...column, cell: ({ summary }) => cell(summary) })),
  ]
}
