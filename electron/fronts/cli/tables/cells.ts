/** Cells shared by several tables. */

import { formatRate } from '../../../contract/format.ts'
import type { Holder, Queue } from '../../../contract/model.ts'
import { isFull, isNearlyFull } from '../../../contract/utilization.ts'
import { ownersOf } from '../../../engine/snapshots/index.ts'
import { formatCount, formatQueueParts } from '../format.ts'
import type { Column } from '../layout.ts'
import { type Line, line, type Span, span } from '../text.ts'

/** What is not readable is shown as "unknown", never as 0. */
export const unknown: Span = span('unknown', 'quiet')

/** Text that matters less. */
export function quiet(text: string): Line {
  return line(span(text, 'quiet'))
}

/** A number of drops, or "unknown"; highlighted above zero. */
export function drops(value: number | null): Line {
  if (value === null) return [unknown]
  return line(span(formatCount(value), value > 0 ? 'warning' : 'quiet'))
}

/** A number per second, or "unknown". */
export function rate(value: number | null | undefined): Line {
  return value === null || value === undefined
    ? [unknown]
    : line(span(formatRate(value), value > 0 ? 'plain' : 'quiet'))
}

/** "nginx ×17, haproxy". */
export function ownerList(list: readonly { command: string; processes: number }[]): Line {
  return list.flatMap(({ command, processes }, at) => [
    ...(at > 0 ? line(span(', ', 'quiet')) : []),
    span(command),
    ...(processes > 1 ? [span(` ×${formatCount(processes)}`, 'quiet')] : []),
  ])
}

/** The holder of one socket: "nginx 812 fd 6"; for several, commands with counts. */
export function holderList(holders: readonly Holder[] | null): Line {
  if (holders === null) return [unknown]
  const [only] = holders
  if (only !== undefined && holders.length === 1) {
    return line(span(only.command), span(` ${only.pid} fd ${only.fds.join(',')}`, 'quiet'))
  }
  return ownerList(ownersOf([{ holders }]))
}

/** Length, limit and unit of a queue, as three adjacent columns. */
export function queueColumns<Row>(
  title: string,
  of: (row: Row) => Queue | null,
): [Column<Row>, Column<Row>, Column<Row>] {
  const part = (row: Row, name: 'length' | 'limit'): Line => {
    const queue = of(row)
    if (queue === null) return quiet('–')
    const value = formatQueueParts(queue)[name]
    if (value === null) return [unknown]
    return line(span(value, name === 'length' ? queueTone(queue) : 'quiet'))
  }
  return [
    { title, align: 'right', priority: 75, cell: (row) => part(row, 'length') },
    { title: 'LIMIT', align: 'right', priority: 74, cell: (row) => part(row, 'limit') },
    {
      title: 'UNIT',
      priority: 73,
      cell: (row) => {
        const queue = of(row)
        return quiet(queue === null ? '' : formatQueueParts(queue).unit)
      },
    },
  ]
}

function queueTone(queue: Queue): Span['tone'] {
  return isFull(queue) ? 'bad' : isNearlyFull(queue) ? 'warning' : 'plain'
}
