/** The hosts, one per row. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import type { HostConnection } from '../../../electron/contract/hosts.ts'
import { describeState, formatDelay } from '../../model/hosts/host-verdict.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import { hrefOf } from '../../model/route.ts'
import { ColumnHead } from '../../ui/column-head.tsx'
import { addressText, formatClock, formatCount, formatRate, formatSpan } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Sign } from '../../ui/sign.tsx'
import table from '../../ui/table.module.css'
import text from '../../ui/text.module.css'
import { useNow } from '../../ui/use-now.ts'
import { visibleText } from '../../ui/visible-text.ts'
import { Button, UnknownText } from '../../ui/widgets.tsx'
import hostRows from './host-rows.module.css'
import { describePermissions } from './host-texts.ts'
import css from './hosts-table.module.css'
import type { HostRow } from './use-host-rows.ts'

type Ways = {
  readonly connect: (name: string) => void
  /** Shows what root sees on this machine; null where that is not offered. */
  readonly showRoot: (() => void) | null
}

export function HostsTable({ rows, ...ways }: { rows: readonly HostRow[] } & Ways) {
  const now = useNow(1000)
  return (
    <div className={css.scroll}>
      <table className={clsx(table.table, hostRows.rows, css.hosts)} aria-label="Hosts, worst first">
        <thead>
          <tr>
            <td />
            <ColumnHead>Host</ColumnHead>
            <ColumnHead>Verdict</ColumnHead>
            <ColumnHead className={hostRows.number}>Groups</ColumnHead>
            <ColumnHead className={hostRows.number}>Drops/s</ColumnHead>
            <ColumnHead className={hostRows.number}>Fullest</ColumnHead>
            <ColumnHead className={hostRows.number}>Delay</ColumnHead>
            <ColumnHead>Permissions</ColumnHead>
            <ColumnHead>Kernel</ColumnHead>
            <ColumnHead className={hostRows.number}>Age</ColumnHead>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Host key={row.connection?.name ?? ''} row={row} now={now} {...ways} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Host({ row, now, connect, showRoot }: { row: HostRow; now: number } & Ways) {
  const { connection, store, severity, now: current } = row
  const { show, disconnect } = useHostsOfPage()
  const session = store?.session.getState()
  const host = session?.machine?.host ?? connection?.about?.host ?? null
  const takenAt = session?.sampling?.takenAt ?? null
  const name = connection?.name ?? null
  const open = store === null ? () => name !== null && connect(name) : () => show(name)
  const unknown = <UnknownText />
  return (
    <tr className={clsx(severity === 'critical' && css.critical, severity === 'unknown' && css.off)}>
      <td className={hostRows.sign}>
        <Sign name={severity} />
      </td>
      <th scope="row">
        <a href={hrefOf({ screen: store === null ? 'hosts' : 'groups' })} onClick={open}>
          {visibleText(name ?? host?.hostname ?? 'This machine')}
        </a>
        <small>{connection === null ? 'this machine' : describeReach(connection)}</small>
      </th>
      <td className={css.verdict}>{current === null ? <State connection={connection} /> : <Fine row={row} />}</td>
      <td className={hostRows.number}>{current === null ? unknown : formatCount(current.groups)}</td>
      <td className={clsx(hostRows.number, current !== null && current.dropsPerSecond > 0 && css.bad)}>
        {current === null ? unknown : formatRate(current.dropsPerSecond)}
      </td>
      <td className={hostRows.number}>
        {current === null ? unknown : current.fullest === null ? '–' : `${Math.round(100 * current.fullest)} %`}
      </td>
      <td className={hostRows.number}>{delayOf(connection)}</td>
      <td>
        {host === null ? '–' : describePermissions(host)}
        {connection === null && showRoot !== null && (
          <>
            {' '}
            <Button look="quiet" onPress={showRoot}>
              Show what root sees
            </Button>
          </>
        )}
      </td>
      <td className={text.mono}>{host === null ? '–' : visibleText(host.kernelRelease.split('-')[0] ?? '')}</td>
      <td className={hostRows.number}>
        {takenAt === null ? '–' : formatSpan(Math.max(0, now + (session?.clockAheadMs ?? 0) - Date.parse(takenAt)))}
      </td>
      <td className={css.end}>
        {name !== null && (
          <Button look="quiet" aria-label={`Disconnect ${visibleText(name)}`} onPress={() => void disconnect(name)}>
            <Icon name="close" />
          </Button>
        )}
      </td>
    </tr>
  )
}

/** The verdict of the host's groups. */
function Fine({ row }: { row: HostRow }) {
  const { now, store, connection } = row
  const { show } = useHostsOfPage()
  if (now === null || store === null) return null
  const { severity, answer, example, reason } = now.verdict
  // The columns beside it say the rest.
  if (severity === 'none') return answer
  return (
    <>
      <b>{answer}</b>{' '}
      {example !== null && (
        <>
          <a
            className={text.mono}
            href={hrefOf({ screen: 'group', id: example.id })}
            onClick={() => show(connection?.name ?? null)}
          >
            {addressText(example.row.address, example.row.family, example.row.interface)}:{example.row.port}
          </a>{' '}
        </>
      )}
      {reason}
    </>
  )
}

/** Why the host cannot be seen. */
function State({ connection }: { connection: HostConnection | null }): ReactNode {
  if (connection === null) return <b>The engine does not answer.</b>
  const { state } = connection
  const failure = state.phase === 'lost' || state.phase === 'failed' ? state.failure : null
  return (
    <>
      <b>{describeState(connection, formatClock) ?? 'Reading'}.</b>{' '}
      {failure !== null && visibleText(failure.said ?? failure.problem.cause)}
    </>
  )
}

function describeReach({ name, via }: HostConnection): string {
  return via === null ? `ssh ${visibleText(name)}` : visibleText(via)
}

function delayOf(connection: HostConnection | null): ReactNode {
  if (connection?.state.phase !== 'connected' || connection.state.roundTripMs === null) return '–'
  return formatDelay(connection.state.roundTripMs)
}
