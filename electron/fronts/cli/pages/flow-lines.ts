/** In `show`: which clients went to which member. */
import { describeSample } from '../../../contract/flow-text.ts'
import type { RecentFlow, RecentFlows } from '../../../contract/flows.ts'
import { endpoint, formatCount } from '../../../contract/format.ts'
import type { Group } from '../../../contract/model.ts'
import { type Column, table } from '../layout.ts'
import { holderList } from '../tables/cells.ts'
import { placesOf } from '../tables/members-table.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'

/** The time of day here. */
const clock = (at: number) => new Date(at).toLocaleTimeString('en-GB')

export function flowLines(recent: RecentFlows, group: Group, width: number): Line[] {
  return [
    line(''),
    line(span('Recent clients', 'strong')),
    ...wrap(describeSample(recent, group.protocol, clock), Math.min(width, 100)).map((text) => line(text)),
    ...(recent.flows.length === 0 ? [] : [line(''), ...table(flowColumns(group), recent.flows, width)]),
  ]
}

function flowColumns({ members, kernelGroups = [] }: Group): Column<RecentFlow>[] {
  const numbers = new Map(members.map((member, at) => [member.cookie, { number: at + 1, member }]))
  const places = placesOf(kernelGroups)
  const closed = line(span('closed', 'quiet'))
  const number = ({ cookie }: RecentFlow) => numbers.get(cookie)?.number
  return [
    { title: 'CLIENT', priority: 100, cell: ({ address, port }) => endpoint({ address, port, interface: null }) },
    {
      title: 'MEMBER',
      align: 'right',
      priority: 95,
      cell: (flow) => (number(flow) === undefined ? closed : formatCount(number(flow) ?? 0)),
    },
    ...(places.size === 0
      ? []
      : [
          {
            title: 'SLOT',
            align: 'right' as const,
            priority: 50,
            cell: ({ cookie }: RecentFlow) => places.get(cookie)?.slot ?? '–',
          },
        ]),
    { title: 'COOKIE', align: 'right', priority: 60, cell: ({ cookie }) => cookie },
    {
      title: 'OWNERS',
      priority: 80,
      shrinkTo: 10,
      cell: (flow) => (number(flow) === undefined ? '–' : holderList(numbers.get(flow.cookie)?.member.holders ?? null)),
    },
    { title: 'LAST', align: 'right', priority: 90, cell: ({ at }) => clock(Date.parse(at)) },
    { title: 'SAMPLED', align: 'right', priority: 70, cell: ({ sampled }) => formatCount(sampled) },
  ]
}
