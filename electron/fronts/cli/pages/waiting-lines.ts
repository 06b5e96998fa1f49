/** In `show`: who waits in the accept queues of a group. */
import type { Waiting } from '../../../contract/analysis.ts'
import { endpoint, formatCount, formatSpan, pluralize } from '../../../contract/format.ts'
import { table } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'

/** Clients that are listed. */
const MAX_CLIENTS = 10

/** Empty where nobody waits. */
export function waitingLines({ connections, abandoned, oldestMs, oldest }: Waiting, width: number): Line[] {
  if (connections === 0) return []
  const shown = oldest.slice(0, MAX_CLIENTS)
  const longest = oldestMs === null ? '' : `, the oldest for ${formatSpan(oldestMs)}`
  const left =
    abandoned === 0 ? '' : ` ${pluralize(abandoned, 'client')} ${abandoned === 1 ? 'has' : 'have'} closed already.`
  const head = `${pluralize(connections, 'connection')} not accepted yet${longest}.${left} In which member's queue each of them is, the kernel does not tell.`
  return [
    line(''),
    line(span('Waiting', 'strong')),
    ...wrap(head, Math.min(width, 100)).map((text) => line(text)),
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
