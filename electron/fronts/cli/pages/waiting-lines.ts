/** In `show`: who waits in the accept queues of a group. */
import type { Waiting } from '../../../contract/analysis.ts'
import { endpoint, formatCount, formatSpan } from '../../../contract/format.ts'
import { waitingText } from '../../../contract/waiting-text.ts'
import { table } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'

/** Clients that are listed. */
const MAX_CLIENTS = 10

/** Empty where no client waits. `queues`: of how many members. */
export function waitingLines(waiting: Waiting, queues: number, width: number): Line[] {
  const { connections, oldest } = waiting
  if (connections === 0) return []
  const shown = oldest.slice(0, MAX_CLIENTS)
  return [
    line(''),
    line(span('Waiting', 'strong')),
    ...wrap(waitingText(waiting, queues), Math.min(width, 100)).map((text) => line(text)),
    line(''),
    ...table(
      [
        { title: 'CLIENT', priority: 100, cell: ({ address, port }) => endpoint({ address, port, interface: null }) },
        {
          title: 'WAITED',
          align: 'right',
          priority: 90,
          cell: ({ waitedMs }) => (waitedMs === null ? 'unknown' : formatSpan(waitedMs)),
        },
        { title: 'ITS SIDE', priority: 80, cell: ({ abandoned }) => (abandoned ? 'closed' : 'open') },
      ],
      shown,
      width,
    ),
    ...(connections > shown.length ? [line(span(`and ${formatCount(connections - shown.length)} more`, 'quiet'))] : []),
  ]
}
