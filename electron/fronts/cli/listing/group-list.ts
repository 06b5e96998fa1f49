/** The columns of `groups`. */

import { isLabGroup } from '../../../contract/constants.ts'
import type { ListedGroup } from '../../../contract/group-list.ts'
import type { Snapshot } from '../../../contract/model.ts'
import { endpoint, formatUser, namespaceWord, protocolName } from '../format.ts'
import type { ListColumn } from './columns.ts'
import { type Troubles, troubleText } from './trouble.ts'

/** What `-e` adds. */
export const EXTENDED_GROUPS = ['uid', 'total', 'interface'] as const

export function groupListColumns(
  { namespaces }: Pick<Snapshot, 'namespaces'>,
  troubles: Troubles,
): ListColumn<ListedGroup>[] {
  return [
    { name: 'proto', about: 'protocol and family', shown: true, value: protocolName },
    { name: 'endpoint', about: 'local address and port', shown: true, value: endpoint },
    { name: 'netns', about: 'network namespace', shown: true, value: ({ netns }) => namespaceWord(netns, namespaces) },
    {
      name: 'label',
      about: 'lab: test listeners of the lab',
      shown: true,
      value: (group) => (isLabGroup(group) ? 'lab' : ''),
    },
    { name: 'members', about: 'sockets that receive', shown: true, value: ({ receiving }) => receiving },
    {
      name: 'idle',
      about: 'sockets that are only bound or connected',
      shown: true,
      value: ({ bound, connected }) => bound + connected,
    },
    {
      name: 'owners',
      about: 'commands with their number of processes',
      shown: true,
      value: ({ owners }) =>
        owners.length === 0 ? null : owners.map(({ command, processes }) => `${command}:${processes}`).join(','),
    },
    { name: 'user', about: 'user, or several', shown: true, value: formatUser },
    { name: 'sharing', about: 'how the members share the port', shown: true, value: ({ sharing }) => sharing },
    {
      name: 'evidence',
      about: 'what proves the sharing',
      shown: true,
      value: ({ evidence }) => (evidence === 'none' ? '' : evidence),
    },
    {
      name: 'queue',
      about: 'length of the fullest queue',
      shown: true,
      value: ({ receiving, fullest }) => (receiving === 0 ? '' : (fullest?.length ?? null)),
    },
    {
      name: 'limit',
      about: 'limit of that queue',
      shown: true,
      value: ({ receiving, fullest }) => (receiving === 0 ? '' : (fullest?.limit ?? null)),
    },
    { name: 'unit', about: 'unit of both: connections or bytes', shown: true, value: ({ queue }) => queue.unit },
    { name: 'drops', about: 'drops since the sockets were created', shown: true, value: ({ drops }) => drops },
    {
      name: 'trouble',
      about: 'the worst finding, as severity:code',
      shown: true,
      value: ({ id }) => troubleText(troubles.get(id)),
    },
    { name: 'id', about: 'id of the group', shown: true, value: ({ id }) => id },
    { name: 'uid', about: 'uid of all members', shown: false, value: ({ uid }) => uid ?? '' },
    {
      name: 'total',
      about: 'length of all queues',
      shown: false,
      value: ({ receiving, queue }) => (receiving === 0 ? '' : queue.length),
    },
    { name: 'address', about: 'local address', shown: false, value: ({ address }) => address },
    { name: 'port', about: 'local port', shown: false, value: ({ port }) => port },
    {
      name: 'interface',
      about: 'interface to which it is bound',
      shown: false,
      value: (group) => group.interface ?? '',
    },
  ]
}
