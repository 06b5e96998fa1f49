/** The sockets table, one socket per row. */
import type { Group, Member, Namespace } from '../../../contract/model.ts'
import { endpointLine, formatUser, namespaceName, needsNamespaceColumn, protocolName } from '../format.ts'
import type { Column } from '../layout.ts'
import { line, span } from '../text.ts'
import { drops, holderList, queueColumns, unknown } from './cells.ts'

export type SocketRow = { readonly group: Group; readonly member: Member }

/** The sockets of these groups, in the order of the groups. */
export function socketRows(groups: readonly Group[]): SocketRow[] {
  return groups.flatMap((group) => group.members.map((member) => ({ group, member })))
}

export function socketColumns(
  rows: readonly SocketRow[],
  options: { readonly namespaces: readonly Namespace[]; readonly owners: boolean },
): Column<SocketRow>[] {
  const namespaceColumn = needsNamespaceColumn(
    rows.map((row) => row.group.netns),
    options.namespaces,
  )
  return [
    { title: 'PROTO', priority: 90, cell: ({ group }) => protocolName(group) },
    { title: 'STATE', priority: 80, cell: ({ member }) => member.state },
    { title: 'ENDPOINT', priority: 100, shrinkTo: 21, cut: 'start', cell: ({ group }) => endpointLine(group) },
    ...(namespaceColumn
      ? [
          {
            title: 'NETNS',
            priority: 70,
            shrinkTo: 8,
            cell: ({ group }: SocketRow) => namespaceName(group.netns, options.namespaces),
          },
        ]
      : []),
    ...(options.owners
      ? [{ title: 'OWNERS', priority: 85, shrinkTo: 10, cell: ({ member }: SocketRow) => holderList(member.holders) }]
      : []),
    { title: 'USER', priority: 60, shrinkTo: 8, cell: ({ member }) => formatUser(member) },
    { title: 'SHARING', priority: 68, cell: ({ group }) => group.sharing },
    ...queueColumns<SocketRow>('QUEUE', ({ member }) => (member.state === 'bound' ? null : member.queue)),
    { title: 'DROPS', align: 'right', priority: 72, cell: ({ member }) => drops(member.drops) },
    { title: 'INODE', align: 'right', priority: 20, cell: ({ member }) => line(span(String(member.inode), 'quiet')) },
    {
      title: 'COOKIE',
      align: 'right',
      priority: 40,
      cell: ({ member }) => (member.cookie === null ? [unknown] : line(span(member.cookie, 'quiet'))),
    },
  ]
}
