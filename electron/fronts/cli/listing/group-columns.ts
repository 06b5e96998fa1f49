/** The columns of `groups`, and of every other table of groups. */
import { isLabGroup } from '../../../contract/constants.ts'
import type { ListedGroup } from '../../../contract/group-list.ts'
import type { Namespace, Snapshot } from '../../../contract/model.ts'
import {
  endpoint,
  endpointLine,
  evidenceLabel,
  formatCount,
  formatUser,
  namespaceName,
  namespaceWord,
  needsNamespaceColumn,
  pluralize,
  protocolName,
} from '../format.ts'
import { shortIds } from '../group-reference.ts'
import type { Column } from '../layout.ts'
import { drops, ownerList, queueColumns, quiet, rate, unknown } from '../tables/cells.ts'
import { type Line, line, span } from '../text.ts'
import { type ColumnEntry, type ListColumn, listColumns, pageColumns } from './columns.ts'
import { type Troubles, troubleText } from './trouble.ts'

export type GroupsTableOptions = {
  readonly namespaces: readonly Namespace[]
  /** False where owners were not requested: the column is left out. */
  readonly owners: boolean
  /** The worst finding of each group, in a column of its own where any has one. */
  readonly troubles?: Troubles
}

/** What `-e` adds. */
export const EXTENDED_GROUPS = ['uid', 'total', 'interface'] as const

/** The columns of a list. */
export function groupListColumns(
  { namespaces }: Pick<Snapshot, 'namespaces'>,
  troubles: Troubles,
): ListColumn<ListedGroup>[] {
  return listColumns(columnsOf([], { namespaces, owners: true, troubles }))
}

/** The columns that these rows need on a page. The namespace is shown only for others than the engine's own. */
export function groupColumns(rows: readonly ListedGroup[], options: GroupsTableOptions): Column<ListedGroup>[] {
  return pageColumns(columnsOf(rows, options))
}

/** All columns, in both their orders. */
function columnsOf(
  rows: readonly ListedGroup[],
  { namespaces, owners, troubles = new Map() }: GroupsTableOptions,
): ColumnEntry<ListedGroup>[] {
  // A group of another host may have the same id.
  const ids = shortIds([...new Set(rows.map((row) => row.id))], 8)
  const isGiven = rows.some(({ given }) => given !== undefined)
  // The fullest member's queue, because a sum would hide one full queue among empty ones. null: no member receives.
  const [fullest, limit, unit] = queueColumns<ListedGroup>('FULLEST', (row) =>
    row.receiving === 0
      ? null
      : { length: row.fullest?.length ?? null, limit: row.fullest?.limit ?? null, unit: row.queue.unit },
  )
  return [
    {
      list: { name: 'proto', about: 'protocol and family', shown: true, value: protocolName },
      page: { title: 'PROTO', priority: 90, cell: protocolName },
    },
    {
      list: { name: 'endpoint', about: 'local address and port', shown: true, value: endpoint },
      page: { title: 'ENDPOINT', priority: 100, shrinkTo: 21, cut: 'start', cell: endpointLine },
    },
    {
      list: {
        name: 'netns',
        about: 'network namespace',
        shown: true,
        value: ({ netns }) => namespaceWord(netns, namespaces),
      },
      page: { title: 'NETNS', priority: 70, shrinkTo: 8, cell: ({ netns }) => namespaceName(netns, namespaces) },
      paged: needsNamespaceColumn(
        rows.map(({ netns }) => netns),
        namespaces,
      ),
    },
    {
      list: {
        name: 'label',
        about: 'lab: test listeners of the lab',
        shown: true,
        value: (group) => (isLabGroup(group) ? 'lab' : ''),
      },
      page: { title: 'LABEL', priority: 97, cell: (row) => (isLabGroup(row) ? line(span('lab', 'strong')) : []) },
      paged: owners && rows.some(isLabGroup),
    },
    // On a page among the first, in a list among the last.
    {
      page: { title: 'TROUBLE', priority: 98, shrinkTo: 20, cell: ({ id }) => troubleCell(troubles.get(id)) },
      paged: rows.some(({ id }) => troubles.has(id)),
    },
    {
      list: { name: 'members', about: 'sockets that receive', shown: true, value: ({ receiving }) => receiving },
      page: {
        title: 'MEMBERS',
        align: 'right',
        priority: 95,
        // Sockets that are only bound or connected are in no group, so there are no members to count.
        cell: ({ receiving }) => (receiving === 0 ? quiet('–') : formatCount(receiving)),
      },
    },
    {
      list: {
        name: 'idle',
        about: 'sockets that are only bound or connected',
        shown: true,
        value: ({ bound, connected }) => bound + connected,
      },
      page: { title: 'NOT RECEIVING', priority: 25, cell: notReceiving },
      paged: rows.some((row) => row.bound > 0 || row.connected > 0),
    },
    {
      list: {
        name: 'owners',
        about: 'commands with their number of processes',
        shown: true,
        value: ({ owners }) =>
          owners.length === 0 ? null : owners.map(({ command, processes }) => `${command}:${processes}`).join(','),
      },
      page: { title: 'OWNERS', priority: 80, shrinkTo: 10, cell: ownersCell },
      paged: owners,
    },
    {
      list: { name: 'user', about: 'user, or several', shown: true, value: formatUser },
      page: { title: 'USER', priority: 60, shrinkTo: 8, cell: formatUser },
    },
    {
      list: { name: 'sharing', about: 'how the members share the port', shown: true, value: ({ sharing }) => sharing },
      page: { title: 'SHARING', priority: 85, cell: ({ sharing }) => sharing },
    },
    {
      list: {
        name: 'evidence',
        about: 'what proves the sharing',
        shown: true,
        value: ({ evidence }) => (evidence === 'none' ? '' : evidence),
      },
      page: { title: 'EVIDENCE', priority: 30, cell: ({ evidence }) => quiet(evidenceLabel(evidence)) },
    },
    {
      list: {
        name: 'queue',
        about: 'length of the fullest queue',
        shown: true,
        value: ({ receiving, fullest }) => (receiving === 0 ? '' : (fullest?.length ?? null)),
      },
      page: fullest,
    },
    {
      list: {
        name: 'limit',
        about: 'limit of that queue',
        shown: true,
        value: ({ receiving, fullest }) => (receiving === 0 ? '' : (fullest?.limit ?? null)),
      },
      page: limit,
    },
    {
      list: {
        name: 'unit',
        about: 'unit of both: connections or bytes',
        shown: true,
        value: ({ queue }) => queue.unit,
      },
      page: unit,
    },
    {
      page: { title: 'GIVEN/S', align: 'right', priority: 77, cell: ({ given }) => rate(given?.perSecond) },
      paged: isGiven,
    },
    {
      page: {
        title: 'ACCEPTED/S',
        align: 'right',
        priority: 45,
        cell: ({ given, protocol }) => (protocol === 'udp' ? quiet('–') : rate(given?.acceptedPerSecond)),
      },
      paged: isGiven,
    },
    {
      list: { name: 'drops', about: 'drops since the sockets were created', shown: true, value: ({ drops }) => drops },
      page: { title: 'DROPS', align: 'right', priority: 72, cell: (row) => drops(row.drops) },
    },
    {
      list: {
        name: 'trouble',
        about: 'the worst finding, as severity:code',
        shown: true,
        value: ({ id }) => troubleText(troubles.get(id)),
      },
    },
    {
      list: { name: 'id', about: 'id of the group', shown: true, value: ({ id }) => id },
      page: { title: 'ID', priority: 50, cell: ({ id }) => quiet(ids.get(id) ?? id) },
    },
    { list: { name: 'uid', about: 'uid of all members', shown: false, value: ({ uid }) => uid ?? '' } },
    {
      list: {
        name: 'total',
        about: 'length of all queues',
        shown: false,
        value: ({ receiving, queue }) => (receiving === 0 ? '' : queue.length),
      },
    },
    { list: { name: 'address', about: 'local address', shown: false, value: ({ address }) => address } },
    { list: { name: 'port', about: 'local port', shown: false, value: ({ port }) => port } },
    {
      list: {
        name: 'interface',
        about: 'interface to which it is bound',
        shown: false,
        value: (group) => group.interface ?? '',
      },
    },
  ]
}

/** A sign and a word: color is never the only signal. */
function troubleCell(trouble: ReturnType<Troubles['get']>): Line {
  if (trouble === undefined) return quiet('–')
  const critical = trouble.severity === 'critical'
  return line(span(`${critical ? '!!' : '!'} ${trouble.code}`, critical ? 'bad' : 'warning'))
}

function notReceiving({ bound, connected }: ListedGroup): Line {
  const parts = [
    ...(bound > 0 ? [`${formatCount(bound)} bound`] : []),
    ...(connected > 0 ? [`${formatCount(connected)} connected`] : []),
  ]
  return quiet(parts.join(', '))
}

function ownersCell(row: ListedGroup): Line {
  if (row.owners.length === 0) return [unknown]
  const seen = ownerList(row.owners)
  return row.ownersHidden === 0 ? seen : [...seen, span(`, ${pluralize(row.ownersHidden, 'socket')} unknown`, 'quiet')]
}
