/** The groups as a page: the table, and for a person what sums it up. */
import type { Finding, Snapshot } from '../../../contract/model.ts'
import { table } from '../layout.ts'
import type { Filters } from '../option-values.ts'
import { byEndpoint, summarise } from '../summary.ts'
import { groupColumns } from '../tables/groups-table.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, span } from '../text.ts'
import { endpoint, protocolName, several } from '../words.ts'

export type GroupsPageOptions = Filters & { readonly owners: boolean }

/** The table; for a person, what sums it up below it. */
export function groupsPage(
  snapshot: Snapshot,
  options: GroupsPageOptions,
  terminal: Pick<Terminal, 'width' | 'interactive'>,
): Line[] {
  const rows = snapshot.groups.map(summarise).sort(byEndpoint)
  const columns = groupColumns(rows, { namespaces: snapshot.namespaces, owners: options.owners })
  const lines = rows.length > 0 || !terminal.interactive ? table(columns, rows, terminal.width) : []
  if (!terminal.interactive) return lines
  return [...lines, ...findingLines(snapshot), ...(rows.length > 0 ? [line('')] : []), ...foot(snapshot, options)]
}

function findingLines({ findings, groups }: Snapshot): Line[] {
  if (findings.length === 0) return []
  const tone = { critical: 'bad', warning: 'warning', info: 'quiet' } as const
  const named = (finding: Finding) => {
    const group = groups.find((candidate) => candidate.id === finding.group)
    return group === undefined ? finding.group : `${protocolName(group)} ${endpoint(group)}`
  }
  return [
    line(''),
    ...findings.map((finding) =>
      line(span(finding.severity.padEnd(8), tone[finding.severity]), `  ${named(finding)}  ${finding.summary}`),
    ),
  ]
}

function foot(snapshot: Snapshot, options: GroupsPageOptions): Line[] {
  const { groups, namespaces } = snapshot
  const filtered = [options.protocol, options.port, options.netns, options.user, options.sharing].some(
    (value) => value !== undefined,
  )
  const members = groups.reduce((sum, group) => sum + group.members.length, 0)
  if (groups.length === 0) {
    const nothing = filtered ? 'No group matches these filters.' : 'No sockets share a port on this machine.'
    return [line(options.all === true ? nothing : `${nothing} With --all, plain sockets are listed too.`)]
  }
  const hidden = options.owners
    ? groups.reduce((sum, group) => sum + group.members.filter((member) => member.holders === null).length, 0)
    : 0
  const where = namespaces.length > 1 ? ` in ${several(namespaces.length, 'namespace')}` : ''
  const read = `read in ${several(Math.max(1, Math.round(snapshot.durationMs)), 'ms', 'ms')}`
  const lines = [
    line(span(`${several(members, 'socket')} in ${several(groups.length, 'group')}${where}, ${read}.`, 'quiet')),
  ]
  if (hidden > 0) {
    lines.push(
      line(
        span(`Owners of ${several(hidden, 'socket')} are hidden. \`reuseport-inspector doctor\` says why.`, 'quiet'),
      ),
    )
  }
  return lines
}
