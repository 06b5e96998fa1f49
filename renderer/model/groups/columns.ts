/** The columns of the groups table: titles and sort values. */

import { protocolName } from '../../../electron/contract/format.ts'
import { notableRatio } from '../../../electron/contract/imbalance.ts'
import type { Settings } from '../../../electron/contract/settings.ts'
import { utilization } from '../../../electron/contract/utilization.ts'
import type { GroupEntry } from './group-table.ts'
import { urgencyOf } from './severity.ts'

export type ColumnId =
  | 'state'
  | 'proto'
  | 'endpoint'
  | 'netns'
  | 'members'
  | 'given'
  | 'accepted'
  | 'owners'
  | 'sharing'
  | 'queue'
  | 'drops'
  | 'imbalance'
  | 'trend'

export type Column = {
  id: ColumnId
  title: string
  /** Secondary text beside the title. */
  aside?: string
  numeric?: boolean
  /** Tooltip: what its numbers mean. */
  explained?: string
  /** Fixed width, as wide as a sign. */
  fixed?: boolean
  /** Without it the column cannot be hidden. */
  optional?: boolean
  /** The value to sort by; a column without one cannot be sorted. */
  sortBy?: (entry: GroupEntry, namespaceName: (inode: number) => string) => number | string
  /** Sort descending on the first click. */
  descendingFirst?: boolean
}

export const COLUMNS: readonly Column[] = [
  { id: 'state', title: 'State', fixed: true, sortBy: urgencyOf, descendingFirst: true },
  { id: 'proto', title: 'Proto', sortBy: ({ row }) => protocolName(row) },
  { id: 'endpoint', title: 'Endpoint', sortBy: ({ row }) => row.port },
  { id: 'netns', title: 'Namespace', sortBy: ({ row }, nameOf) => nameOf(row.netns).toLowerCase() },
  { id: 'members', title: 'Members', numeric: true, sortBy: ({ row }) => row.receiving, descendingFirst: true },
  {
    id: 'given',
    title: 'Given/s',
    explained: 'Connections or datagrams that the kernel put into the members’ queues, per second, counted by BPF',
    numeric: true,
    optional: true,
    sortBy: ({ row }) => row.given?.perSecond ?? -1,
    descendingFirst: true,
  },
  {
    id: 'accepted',
    title: 'Accepted/s',
    explained: 'TCP: connections given per second, less those by which the queues grew',
    numeric: true,
    optional: true,
    sortBy: ({ row }) => row.given?.acceptedPerSecond ?? -1,
    descendingFirst: true,
  },
  {
    id: 'owners',
    title: 'Owners',
    optional: true,
    sortBy: ({ row }) => row.owners[0]?.command.toLowerCase() ?? '\u{10ffff}',
  },
  { id: 'sharing', title: 'Sharing', aside: 'and evidence', optional: true, sortBy: ({ row }) => row.sharing },
  {
    id: 'queue',
    title: 'Queue by member',
    aside: 'fullest / limit',
    optional: true,
    sortBy: ({ row }) => utilization(row.fullest),
    descendingFirst: true,
  },
  {
    id: 'drops',
    title: 'Drops/s',
    numeric: true,
    optional: true,
    sortBy: ({ row }) => row.dropsPerSecond ?? -1,
    descendingFirst: true,
  },
  {
    id: 'imbalance',
    title: 'Imbalance',
    explained:
      'The busiest member divided by the mean of all: of what members were given where that is counted, or else of their queues now. 1 is even',
    numeric: true,
    optional: true,
    sortBy: ({ row }) => notableRatio(row.imbalance) ?? 0,
    descendingFirst: true,
  },
  { id: 'trend', title: 'Last minute', optional: true },
]

/** All columns in the user's order: those that it names first, then the others. The first, the state, stays first. */
export function orderedColumns(order: readonly string[]): readonly Column[] {
  const rank = ({ id }: Column) => {
    const place = order.indexOf(id)
    return id === 'state' ? -1 : place < 0 ? order.length : place
  }
  return COLUMNS.toSorted((a, b) => rank(a) - rank(b))
}

export function columnNamed(id: string): Column | undefined {
  return COLUMNS.find((column) => column.id === id)
}

/** A change of the settings that shows or hides a column. */
export function showColumn(id: ColumnId, shown: boolean) {
  return ({ hiddenColumns }: Settings): Pick<Settings, 'hiddenColumns'> => {
    const others = hiddenColumns.filter((one) => one !== id)
    return { hiddenColumns: shown ? others : [...others, id] }
  }
}
