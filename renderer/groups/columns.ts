/** The columns of the groups table: names, what they sort by. */

import { fillOf } from '../../electron/contract/fullness.ts'
import { protocolName } from '../ui/format.ts'
import type { GroupEntry } from './group-table.ts'
import { urgencyOf } from './trouble.ts'

export type ColumnId =
  | 'state'
  | 'proto'
  | 'endpoint'
  | 'netns'
  | 'members'
  | 'owners'
  | 'sharing'
  | 'queue'
  | 'drops'
  | 'imbalance'
  | 'trend'

export type Column = {
  id: ColumnId
  title: string
  /** What the column says beside its title, quieter. */
  aside?: string
  numeric?: boolean
  /** What its numbers are, for who does not know. */
  explained?: string
  /** Its width is that of a sign. */
  fixed?: boolean
  /** Without it the column cannot be hidden. */
  optional?: boolean
  /** The value to sort by; a column without one cannot be sorted. */
  sortBy?: (entry: GroupEntry, namespaceName: (inode: number) => string) => number | string
  /** The direction that puts first what one looks for. */
  descendingFirst?: boolean
}

export const COLUMNS: readonly Column[] = [
  { id: 'state', title: 'State', fixed: true, sortBy: urgencyOf, descendingFirst: true },
  { id: 'proto', title: 'Proto', sortBy: ({ row }) => protocolName(row.protocol, row.family) },
  { id: 'endpoint', title: 'Endpoint', sortBy: ({ row }) => row.port },
  { id: 'netns', title: 'Namespace', sortBy: ({ row }, nameOf) => nameOf(row.netns).toLowerCase() },
  { id: 'members', title: 'Members', numeric: true, sortBy: ({ row }) => row.receiving, descendingFirst: true },
  {
    id: 'owners',
    title: 'Owners',
    optional: true,
    sortBy: ({ row }) => row.owners[0]?.command.toLowerCase() ?? '\u{10ffff}',
  },
  { id: 'sharing', title: 'Sharing', aside: 'and how we know', optional: true, sortBy: ({ row }) => row.sharing },
  {
    id: 'queue',
    title: 'Queue by member',
    aside: 'fullest of limit',
    optional: true,
    sortBy: ({ row }) => fillOf(row.fullest),
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
    explained: 'The longest queue of the members against the mean of all, now: 1 is even',
    numeric: true,
    optional: true,
    sortBy: ({ row }) => row.imbalance ?? 0,
    descendingFirst: true,
  },
  { id: 'trend', title: 'Last minute', optional: true },
]

export function columnNamed(id: string): Column | undefined {
  return COLUMNS.find((column) => column.id === id)
}
