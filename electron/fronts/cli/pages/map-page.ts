/** The page of `map`. */
import type { SteeringMap } from '../../../contract/analysis.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { count, endpoint } from '../words.ts'
import { sentences } from './probe-page.ts'

type Share = SteeringMap['shares'][number]
/** Maximum bar length in columns. */
const BAR = 24

export function mapPage(map: SteeringMap, columns: number): Line[] {
  const most = Math.max(1, ...map.shares.map(({ clients }) => clients))
  const layout: Column<Share>[] = [
    { title: 'COOKIE', keep: 90, align: 'right', cell: ({ cookie }) => cookie },
    { title: 'CLIENTS', keep: 100, align: 'right', cell: ({ clients }) => count(clients) },
    { title: 'SHARE', keep: 95, align: 'right', cell: ({ share }) => `${(100 * share).toFixed(1)}%` },
    { title: '', keep: 10, cell: ({ clients }) => line(span(' '.repeat(Math.round((BAR * clients) / most)), 'bar')) },
  ]
  const rest = [
    ...(map.nobody > 0 ? [`${count(map.nobody)} reach no socket.`] : []),
    ...(map.connections > 0 ? [`${count(map.connections)} matched an existing connection instead.`] : []),
  ]
  const width = Math.min(columns, 100)
  return [
    line(
      span(`${map.protocol} ${endpoint({ ...map.local, interface: map.interface })}`, 'strong'),
      ` from ${map.prefix}`,
    ),
    ...table(layout, map.shares, columns),
    ...sentences([map.sentence, ...rest, ...map.warnings], width),
  ]
}
