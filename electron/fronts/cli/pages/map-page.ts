/** The page of `map`. */
import type { SteeringMap } from '../../../contract/analysis.ts'
import { endpoint, formatCount } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { sentences } from './probe-page.ts'

type Share = SteeringMap['shares'][number]
/** Maximum bar length in columns. */
const BAR = 24

export function mapPage(map: SteeringMap, columns: number): Line[] {
  const most = Math.max(1, ...map.shares.map(({ clients }) => clients))
  const layout: Column<Share>[] = [
    { title: 'COOKIE', priority: 90, align: 'right', cell: ({ cookie }) => cookie },
    { title: 'CLIENTS', priority: 100, align: 'right', cell: ({ clients }) => formatCount(clients) },
    { title: 'SHARE', priority: 95, align: 'right', cell: ({ share }) => `${(100 * share).toFixed(1)}%` },
    {
      title: '',
      priority: 10,
      cell: ({ clients }) => line(span(' '.repeat(Math.round((BAR * clients) / most)), 'bar')),
    },
  ]
  const rest = [
    ...(map.unserved > 0 ? [`${formatCount(map.unserved)} reach no socket.`] : []),
    ...(map.connections > 0 ? [`${formatCount(map.connections)} matched an existing connection instead.`] : []),
  ]
  const width = Math.min(columns, 100)
  return [
    line(
      span(`${map.protocol} ${endpoint({ ...map.local, interface: map.interface })}`, 'strong'),
      ` from ${map.prefix}`,
    ),
    ...table(layout, map.shares, columns),
    ...sentences([map.summary, ...rest, ...map.warnings], width),
  ]
}
