/** The sockets table, one socket per row. */
import type { Group, Member, Namespace } from '../../../contract/model.ts'
import type { Column } from '../layout.ts'
import { line, span } from '../text.ts'
import { endpointLine, namespaceMatters, namespaceName, protocolName, userInWords } from '../words.ts'
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
  const namespaceColumn = namespaceMatters(
    rows.map((row) => row.group.netns),
    options.namespaces,
  )
  return [
    { title: 'PROTO', keep: 90, cell: ({ group }) => protocolName(group) },
    { title: 'STATE', keep: 80, cell: ({ member }) => member.state },
    { title: 'ENDPOINT', keep: 100, shrinkTo: 21, cut: 'start', cell: ({ group }) => endpointLine(group) },
    ...(namespaceColumn
      ? [
          {
            title: 'NETNS',
            keep: 70,
            shrinkTo: 8,
            cell: ({ group }: SocketRow) => namespaceName(group.netns, options.namespaces),
          },
        ]
      : []),
    ...(options.owners
      ? [{ title: 'OWNERS', keep: 85, shrinkTo: 10, cell: ({ member }: SocketRow) => holderList(member.holders) }]
      : []),
    { title: 'USER', keep: 60, shrinkTo: 8, cell: ({ member }) => userInWords(member) },
    { title: 'SHARING', keep: 68, cell: ({ group }) => group.sharing },
    ...queueColumns<SocketRow>('QUEUE', ({ member }) => (member.state === 'bound' ? null : member.queue)),
    { title: 'DROPS', align: 'right', keep: 72, cell: ({ member }) => drops(member.drops) },
    { title: 'INODE', align: 'right', keep: 20, cell: ({ member }) => line(span(String(member.inode), 'quiet')) },
    {
      title: 'COOKIE',
      align: 'right',
      keep: 40,
      cell: ({ member }) => (member.cookie === null ? [unknown] : line(span(member.cookie, 'quiet'))),
    },
  ]
}
