/** Cells that several tables share. */
import { isFull, isNearlyFull } from '../../../contract/fullness.ts'
import type { Holder, Queue } from '../../../contract/model.ts'
import type { Column } from '../layout.ts'
import { owners } from '../summary.ts'
import { type Line, line, type Span, span } from '../text.ts'
import { count, queueInWords } from '../words.ts'

/** What may not be read is written out, and never as 0. */
export const unknown: Span = span('unknown', 'quiet')

/** A number, or "unknown"; one that is above zero and should not be stands out. */
export function drops(value: number | null): Line {
  if (value === null) return [unknown]
  return line(span(count(value), value > 0 ? 'warning' : 'quiet'))
}

/** "nginx ×17, haproxy", as many as there are. */
export function ownerList(list: readonly { command: string; processes: number }[]): Line {
  return list.flatMap(({ command, processes }, at) => [
    ...(at > 0 ? line(span(', ', 'quiet')) : []),
    span(command),
    ...(processes > 1 ? [span(` ×${count(processes)}`, 'quiet')] : []),
  ])
}

/** Who holds one socket: "nginx 812 fd 6", or the commands with their counts where there are several. */
export function holderList(holders: readonly Holder[] | null): Line {
  if (holders === null) return [unknown]
  const [only] = holders
  if (only !== undefined && holders.length === 1) {
    return line(span(only.command), span(` ${only.pid} fd ${only.fds.join(',')}`, 'quiet'))
  }
  return ownerList(owners(holders))
}

/** Length, limit and unit of a queue, as three columns that are read together. */
export function queueColumns<Row>(title: string, of: (row: Row) => Queue | null): Column<Row>[] {
  const part = (row: Row, name: 'length' | 'limit'): Line => {
    const queue = of(row)
    if (queue === null) return line(span('–', 'quiet'))
    const value = queueInWords(queue)[name]
    if (value === null) return [unknown]
    return line(span(value, name === 'length' ? queueTone(queue) : 'quiet'))
  }
  return [
    { title, align: 'right', keep: 75, cell: (row) => part(row, 'length') },
    { title: 'LIMIT', align: 'right', keep: 74, cell: (row) => part(row, 'limit') },
    {
      title: 'UNIT',
      keep: 73,
      cell: (row) => {
        const queue = of(row)
        return line(span(queue === null ? '' : queueInWords(queue).unit, 'quiet'))
      },
    },
  ]
}

function queueTone(queue: Queue): Span['tone'] {
  return isFull(queue) ? 'bad' : isNearlyFull(queue) ? 'warning' : 'plain'
}
