/** "none", or "5, the oldest 5.8 s": the connections that no process has accepted yet, and their clients. */
import { clsx } from 'clsx'
import { endpoint } from '../../../electron/contract/format.ts'
import { waitingText } from '../../../electron/contract/waiting-text.ts'
import { formatCount, formatSpan } from '../../ui/format.ts'
import text from '../../ui/text.module.css'
import { UnknownText } from '../../ui/widgets.tsx'
import { FactPopover } from './fact-popover.tsx'
import table from './fact-table.module.css'
import type { KnownWaiting } from './use-waiting.ts'
import css from './waiting-fact.module.css'

/** `queues`: of how many members. */
export function WaitingFact({ waiting, queues }: { waiting: KnownWaiting; queues: number }) {
  if (typeof waiting === 'string') return <UnknownText why={waiting} />
  const { connections, oldestMs, oldest } = waiting
  if (connections === 0) return 'none'
  const age = oldestMs === null ? '' : `, the oldest ${formatSpan(oldestMs)}`
  return (
    <FactPopover short={`${formatCount(connections)}${age}`} title="Waiting to be accepted">
      <p>{waitingText(waiting, queues)}</p>
      <table className={clsx(table.table, css.clients)}>
        <thead>
          <tr>
            <th>Client</th>
            <th>Waited</th>
            <th>Its side</th>
          </tr>
        </thead>
        <tbody>
          {oldest.map(({ address, port, waitedMs, abandoned }) => (
            <tr key={`${address} ${port}`}>
              <td className={text.mono}>{endpoint({ address, port, interface: null })}</td>
              <td>{waitedMs === null ? 'unknown' : formatSpan(waitedMs)}</td>
              <td>{abandoned ? 'closed' : 'open'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {connections > oldest.length && <p>and {formatCount(connections - oldest.length)} more</p>}
    </FactPopover>
  )
}
