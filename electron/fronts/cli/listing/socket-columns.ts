/** The columns of `sockets`, one socket per row. */
import type { Group, Member, Namespace, Snapshot } from '../../../contract/model.ts'
import {
  endpoint,
  endpointLine,
  formatUser,
  namespaceName,
  namespaceWord,
  needsNamespaceColumn,
  protocolName,
} from '../format.ts'
import type { Column } from '../layout.ts'
import { drops, holderList, queueColumns, quiet, unknown } from '../tables/cells.ts'
import { type ColumnEntry, type ListColumn, listColumns, pageColumns } from './columns.ts'

export type SocketRow = { readonly group: Group; readonly member: Member }

type SocketsTableOptions = { readonly namespaces: readonly Namespace[]; readonly owners: boolean }

/** The sockets of these groups, in the order of the groups. */
export function socketRows(groups: readonly Group[]): SocketRow[] {
  return groups.flatMap((group) => group.members.map((member) => ({ group, member })))
}

/** What `-e` adds. */
export const EXTENDED_SOCKETS = ['uid', 'inode', 'cookie', 'group'] as const

/** The columns of a list. */
export function socketListColumns({ namespaces }: Pick<Snapshot, 'namespaces'>): ListColumn<SocketRow>[] {
  return listColumns(columnsOf([], { namespaces, owners: true }))
}

/** The columns that these rows need on a page. */
export function socketColumns(rows: readonly SocketRow[], options: SocketsTableOptions): Column<SocketRow>[] {
  return pageColumns(columnsOf(rows, options))
}

/** All columns, in both their orders. */
function columnsOf(rows: readonly SocketRow[], { namespaces, owners }: SocketsTableOptions): ColumnEntry<SocketRow>[] {
  const [queue, limit, unit] = queueColumns<SocketRow>('QUEUE', ({ member }) =>
    member.state === 'bound' ? null : member.queue,
  )
  return [
    {
      list: { name: 'proto', about: 'protocol and family', shown: true, value: ({ group }) => protocolName(group) },
      page: { title: 'PROTO', priority: 90, cell: ({ group }) => protocolName(group) },
    },
    {
      list: {
        name: 'state',
        about: 'listening, bound, unconnected or connected',
        shown: true,
        value: ({ member }) => member.state,
      },
      page: { title: 'STATE', priority: 80, cell: ({ member }) => member.state },
    },
    {
      list: { name: 'endpoint', about: 'local address and port', shown: true, value: ({ group }) => endpoint(group) },
      page: { title: 'ENDPOINT', priority: 100, shrinkTo: 21, cut: 'start', cell: ({ group }) => endpointLine(group) },
    },
    {
      list: {
        name: 'netns',
        about: 'network namespace',
        shown: true,
        value: ({ group }) => namespaceWord(group.netns, namespaces),
      },
      page: { title: 'NETNS', priority: 70, shrinkTo: 8, cell: ({ group }) => namespaceName(group.netns, namespaces) },
      paged: needsNamespaceColumn(
        rows.map(({ group }) => group.netns),
        namespaces,
      ),
    },
    {
      list: {
        name: 'owners',
        about: 'processes, as command:pid:descriptors',
        shown: true,
        value: ({ member: { holders } }) =>
          holders === null
            ? null
            : holders.map(({ command, pid, fds }) => `${command}:${pid}:${fds.join('+')}`).join(','),
      },
      page: { title: 'OWNERS', priority: 85, shrinkTo: 10, cell: ({ member }) => holderList(member.holders) },
      paged: owners,
    },
    {
      list: { name: 'user', about: 'user', shown: true, value: ({ member }) => formatUser(member) },
      page: { title: 'USER', priority: 60, shrinkTo: 8, cell: ({ member }) => formatUser(member) },
    },
    {
      list: { name: 'sharing', about: 'how it shares the port', shown: true, value: ({ group }) => group.sharing },
      page: { title: 'SHARING', priority: 68, cell: ({ group }) => group.sharing },
    },
    {
      list: {
        name: 'queue',
        about: 'length of its queue',
        shown: true,
        value: ({ member }) => (member.state === 'bound' ? '' : member.queue.length),
      },
      page: queue,
    },
    {
      list: {
        name: 'limit',
        about: 'limit of its queue',
        shown: true,
        value: ({ member }) => (member.state === 'bound' ? '' : member.queue.limit),
      },
      page: limit,
    },
    {
      list: {
        name: 'unit',
        about: 'unit of both: connections or bytes',
        shown: true,
        value: ({ member }) => member.queue.unit,
      },
      page: unit,
    },
    {
      list: {
        name: 'drops',
        about: 'drops since it was created',
        shown: true,
        value: ({ member }) => (member.state === 'bound' ? '' : member.drops),
      },
      page: { title: 'DROPS', align: 'right', priority: 72, cell: ({ member }) => drops(member.drops) },
    },
    {
      list: { name: 'inode', about: 'inode number', shown: true, value: ({ member }) => member.inode },
      page: { title: 'INODE', align: 'right', priority: 20, cell: ({ member }) => quiet(String(member.inode)) },
    },
    {
      list: { name: 'cookie', about: 'SO_COOKIE', shown: true, value: ({ member }) => member.cookie },
      page: {
        title: 'COOKIE',
        align: 'right',
        priority: 40,
        cell: ({ member }) => (member.cookie === null ? [unknown] : quiet(member.cookie)),
      },
    },
    { list: { name: 'uid', about: 'uid', shown: false, value: ({ member }) => member.uid } },
    { list: { name: 'group', about: 'id of its group', shown: false, value: ({ group }) => group.id } },
    { list: { name: 'address', about: 'local address', shown: false, value: ({ group }) => group.address } },
    { list: { name: 'port', about: 'local port', shown: false, value: ({ group }) => group.port } },
    {
      list: {
        name: 'interface',
        about: 'interface to which it is bound',
        shown: false,
        value: ({ group }) => group.interface ?? '',
      },
    },
  ]
}
