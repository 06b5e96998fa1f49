/** Which socket or group the clients of each local address reach, one row per answer. */
import { type ReachRow, whichOf } from '../../../contract/port-rows.ts'
import { endpoint, pluralize } from '../format.ts'
import type { Column } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { ownerList } from './cells.ts'

export function reachColumns(
  rows: readonly ReachRow[],
  nameOf: ((netns: number) => string) | null,
): Column<ReachRow>[] {
  const shadowing = rows.some(({ shadowed }) => shadowed.length > 0)
  return [
    {
      title: 'PROTO',
      priority: 80,
      cell: ({ first: { protocol, family } }) => `${protocol}${family === 'ipv6' ? '6' : '4'}`,
    },
    { title: 'A CLIENT OF', priority: 100, shrinkTo: 16, cell: ({ addresses }) => addresses.join(', ') },
    { title: 'REACHES', priority: 95, shrinkTo: 20, cell: receiver },
    ...(shadowing
      ? [
          {
            title: 'SHADOWS',
            priority: 90,
            shrinkTo: 12,
            cell: ({ shadowed }: ReachRow) =>
              shadowed.length === 0
                ? line(span('–', 'quiet'))
                : line(span(shadowed.map(endpoint).join(', '), 'warning')),
          },
        ]
      : []),
    { title: 'BECAUSE', priority: 60, cell: ({ first }) => first.reason },
    ...(nameOf === null ? [] : [{ title: 'NETNS', priority: 70, cell: ({ first }: ReachRow) => nameOf(first.netns) }]),
  ]
}

function receiver({ group, first }: ReachRow): Line {
  if (group === null) return line(span(first.steeredBy === 'unreachable' ? 'nothing: not here' : 'nothing', 'quiet'))
  const owners = ownerList(group.owners)
  const among = first.among > 1 ? `, ${whichOf(first)} ${pluralize(first.among, 'socket')}` : ''
  return line(span(endpoint(group), 'strong'), ...(owners.length > 0 ? [' ', ...owners] : []), among)
}
