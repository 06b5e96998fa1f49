/** The groups table, one group per row. */
import { isLabGroup } from '../../../contract/constants.ts'
import type { ListedGroup } from '../../../contract/group-list.ts'
import type { Namespace } from '../../../contract/model.ts'
import {
  endpointLine,
  evidenceLabel,
  formatCount,
  formatUser,
  namespaceName,
  needsNamespaceColumn,
  pluralize,
  protocolName,
} from '../format.ts'
import { shortIds } from '../group-reference.ts'
import type { Column } from '../layout.ts'
import type { Troubles } from '../listing/trouble.ts'
import { type Line, line, span } from '../text.ts'
import { drops, ownerList, queueColumns, rate, unknown } from './cells.ts'

export type GroupsTableOptions = {
  readonly namespaces: readonly Namespace[]
  /** False where owners were not requested: the column is left out. */
  readonly owners: boolean
  /** The worst finding of each group, in a column of its own where any has one. */
  readonly troubles?: Troubles
}

/** The columns that these rows need. The namespace column appears only for namespaces other than the engine's own. */
export function groupColumns(rows: readonly ListedGroup[], options: GroupsTableOptions): Column<ListedGroup>[] {
  // A group of another host may have the same id.
  const ids = shortIds([...new Set(rows.map((row) => row.id))], 8)
  const namespaceColumn = needsNamespaceColumn(
    rows.map((row) => row.netns),
    options.namespaces,
  )
  const lab = options.owners && rows.some(isLabGroup)
  const idle = rows.some((row) => row.bound > 0 || row.connected > 0)
  return [
    { title: 'PROTO', priority: 90, cell: protocolName },
    { title: 'ENDPOINT', priority: 100, shrinkTo: 21, cut: 'start', cell: endpointLine },
    ...(namespaceColumn
      ? [
          {
            title: 'NETNS',
            priority: 70,
            shrinkTo: 8,
            cell: (row: ListedGroup) => namespaceName(row.netns, options.namespaces),
          },
        ]
      : []),
    ...(lab ? [{ title: 'LABEL', priority: 97, cell: labelOf }] : []),
    ...troubleColumn(rows, options.troubles),
    // Sockets that are only bound or connected are in no group, so there are no members to count.
    {
      title: 'MEMBERS',
      align: 'right',
      priority: 95,
      cell: (row) => (row.receiving === 0 ? line(span('–', 'quiet')) : formatCount(row.receiving)),
    },
    ...(idle ? [{ title: 'NOT RECEIVING', priority: 25, cell: notReceiving }] : []),
    ...(options.owners ? [{ title: 'OWNERS', priority: 80, shrinkTo: 10, cell: ownersCell }] : []),
    { title: 'USER', priority: 60, shrinkTo: 8, cell: formatUser },
    { title: 'SHARING', priority: 85, cell: (row) => row.sharing },
    { title: 'EVIDENCE', priority: 30, cell: (row) => line(span(evidenceLabel(row.evidence), 'quiet')) },
    ...queueColumns<ListedGroup>('FULLEST', fullestQueue),
    ...givenColumns(rows),
    { title: 'DROPS', align: 'right', priority: 72, cell: (row) => drops(row.drops) },
    { title: 'ID', priority: 50, cell: (row) => line(span(ids.get(row.id) ?? row.id, 'quiet')) },
  ]
}

/** A sign and a word: color is never the only signal. */
function troubleColumn(rows: readonly ListedGroup[], troubles: Troubles | undefined): Column<ListedGroup>[] {
  if (troubles === undefined || !rows.some(({ id }) => troubles.has(id))) return []
  return [
    {
      title: 'TROUBLE',
      priority: 98,
      shrinkTo: 20,
      cell({ id }) {
        const trouble = troubles.get(id)
        if (trouble === undefined) return line(span('–', 'quiet'))
        const critical = trouble.severity === 'critical'
        return line(span(`${critical ? '!!' : '!'} ${trouble.code}`, critical ? 'bad' : 'warning'))
      },
    },
  ]
}

/** What members are given per second, where that is counted for any of these groups. */
function givenColumns(rows: readonly ListedGroup[]): Column<ListedGroup>[] {
  if (!rows.some(({ given }) => given !== undefined)) return []
  const accepted = ({ given, protocol }: ListedGroup) =>
    protocol === 'udp' ? line(span('–', 'quiet')) : rate(given?.acceptedPerSecond)
  return [
    { title: 'GIVEN/S', align: 'right', priority: 77, cell: ({ given }) => rate(given?.perSecond) },
    { title: 'ACCEPTED/S', align: 'right', priority: 45, cell: accepted },
  ]
}

/** The fullest member's queue, because a sum would hide one full queue among empty ones. null: no member receives. */
function fullestQueue(row: ListedGroup) {
  if (row.receiving === 0) return null
  return { length: row.fullest?.length ?? null, limit: row.fullest?.limit ?? null, unit: row.queue.unit }
}

/** The label of the lab's test listeners. */
function labelOf(row: ListedGroup): Line {
  return isLabGroup(row) ? line(span('lab', 'strong')) : []
}

function notReceiving({ bound, connected }: ListedGroup): Line {
  const parts = [
    ...(bound > 0 ? [`${formatCount(bound)} bound`] : []),
    ...(connected > 0 ? [`${formatCount(connected)} connected`] : []),
  ]
  return line(span(parts.join(', '), 'quiet'))
}

function ownersCell(row: ListedGroup): Line {
  if (row.owners.length === 0) return [unknown]
  const seen = ownerList(row.owners)
  return row.ownersHidden === 0 ? seen : [...seen, span(`, ${pluralize(row.ownersHidden, 'socket')} unknown`, 'quiet')]
}
