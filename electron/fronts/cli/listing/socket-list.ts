/** The columns of `sockets`. */
import type { Snapshot } from '../../../contract/model.ts'
import { endpoint, formatUser, namespaceWord, protocolName } from '../format.ts'
import type { SocketRow } from '../tables/sockets-table.ts'
import type { ListColumn } from './columns.ts'

/** What `-e` adds. */
export const EXTENDED_SOCKETS = ['uid', 'inode', 'cookie', 'group'] as const

export function socketListColumns({ namespaces }: Pick<Snapshot, 'namespaces'>): ListColumn<SocketRow>[] {
  return [
    { name: 'proto', about: 'protocol and family', shown: true, value: ({ group }) => protocolName(group) },
    {
      name: 'state',
      about: 'listening, bound, unconnected or connected',
      shown: true,
      value: ({ member }) => member.state,
    },
    { name: 'endpoint', about: 'local address and port', shown: true, value: ({ group }) => endpoint(group) },
    {
      name: 'netns',
      about: 'network namespace',
      shown: true,
      value: ({ group }) => namespaceWord(group.netns, namespaces),
    },
    {
      name: 'owners',
      about: 'processes, as command:pid:descriptors',
      shown: true,
      value: ({ member: { holders } }) =>
        holders === null
          ? null
          : holders.map(({ command, pid, fds }) => `${command}:${pid}:${fds.join('+')}`).join(','),
    },
    { name: 'user', about: 'user', shown: true, value: ({ member }) => formatUser(member) },
    { name: 'sharing', about: 'how it shares the port', shown: true, value: ({ group }) => group.sharing },
    {
      name: 'queue',
      about: 'length of its queue',
      shown: true,
      value: ({ member }) => (member.state === 'bound' ? '' : member.queue.length),
    },
    {
      name: 'limit',
      about: 'limit of its queue',
      shown: true,
      value: ({ member }) => (member.state === 'bound' ? '' : member.queue.limit),
    },
    {
      name: 'unit',
      about: 'unit of both: connections or bytes',
      shown: true,
      value: ({ member }) => member.queue.unit,
    },
    {
      name: 'drops',
      about: 'drops since it was created',
      shown: true,
      value: ({ member }) => (member.state === 'bound' ? '' : member.drops),
    },
    { name: 'inode', about: 'inode number', shown: true, value: ({ member }) => member.inode },
    { name: 'cookie', about: 'SO_COOKIE', shown: true, value: ({ member }) => member.cookie },
    { name: 'uid', about: 'uid', shown: false, value: ({ member }) => member.uid },
    { name: 'group', about: 'id of its group', shown: false, value: ({ group }) => group.id },
    { name: 'address', about: 'local address', shown: false, value: ({ group }) => group.address },
    { name: 'port', about: 'local port', shown: false, value: ({ group }) => group.port },
    {
      name: 'interface',
      about: 'interface to which it is bound',
      shown: false,
      value: ({ group }) => group.interface ?? '',
    },
  ]
}
