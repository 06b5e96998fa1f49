/** The status line: socket counts, refresh time, and what is hidden. */
import type { Totals } from '../../../electron/contract/live.ts'
import { formatTaken } from '../../features/snapshots/format.ts'
import { hrefOf } from '../../model/route.ts'
import { useSession, useView, useVisibleGroups } from '../../model/store/context.ts'
import { countOf, formatCount, formatSpan } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import text from '../../ui/text.module.css'
import { CounterRates } from './counter-rates.tsx'
import css from './status-line.module.css'

export function StatusLine() {
  const totals = useSession((session) => session.totals)
  const namespaces = useSession((session) => session.namespaces.length)
  const durationMs = useSession((session) => session.sampling?.durationMs)
  const takenAt = useSession((session) => session.sampling?.takenAt ?? null)
  const live = useSession((session) => session.source === null)
  const slowed = useSession(({ sampling, settings }) =>
    sampling && settings && sampling.intervalMs > settings.intervalMs ? sampling.intervalMs : null,
  )
  const filtered = useView((view) => view.filter.terms.some(({ test }) => test !== null))
  if (!totals) return <footer className={css.status} />
  return (
    <footer className={css.status}>
      {filtered ? (
        <Matching />
      ) : (
        <span>
          <b>{formatCount(totals.sockets)}</b> {totals.sockets === 1 ? 'socket' : 'sockets'}:{' '}
          <b>{formatCount(totals.sockets - totals.unshared)}</b> in <b>{formatCount(totals.groups)}</b>{' '}
          {totals.groups === 1 ? 'group' : 'groups'}, <b>{formatCount(totals.unshared)}</b> unshared
        </span>
      )}
      <span className={css.optional}>
        <b>{formatCount(namespaces)}</b> {namespaces === 1 ? 'namespace' : 'namespaces'}
      </span>
      {durationMs !== undefined && (
        <span>
          {live || takenAt === null ? 'Refreshed' : `Taken ${formatTaken(takenAt)}, read`} in{' '}
          <b>{durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms</b>
          {live && slowed !== null && `, interval raised to ${formatSpan(slowed)}`}
        </span>
      )}
      {live && <CounterRates />}
      <span className={css.grow} />
      {totals.ownersHidden > 0 && (
        <span className={css.permissions}>
          <Icon name="lock" />
          <span className={text.cut}>{hiddenText(totals, live)}</span>
          {live && (
            <a className={text.inline} href={hrefOf({ screen: 'permissions' })}>
              {totals.processesRefused > 0 ? 'How to show them' : 'Why'}
            </a>
          )}
        </span>
      )}
    </footer>
  )
}

/**
 * Where no process was unreadable, nothing is hidden: the socket belongs to the kernel, is in transit between
 * processes, or was closed during the scan.
 */
function hiddenText({ ownersHidden, processesRefused }: Totals, live: boolean): string {
  if (!live) return `Owners of ${countOf(ownersHidden, 'socket')} were hidden`
  if (processesRefused === 0)
    return `${countOf(ownersHidden, 'socket')} ${ownersHidden === 1 ? 'has' : 'have'} no visible owner`
  return `Owners of ${countOf(ownersHidden, 'socket')} are hidden: ${countOf(processesRefused, 'process', 'processes')} cannot be read`
}

function Matching() {
  const order = useVisibleGroups()
  const known = useSession((session) => session.totals)
  const all = useSession((session) => session.settings?.unsharedSockets ?? false)
  const sockets = order.reduce((sum, { row }) => sum + row.receiving + row.bound + row.connected, 0)
  return (
    <>
      <span role="status">
        <b>{formatCount(order.length)}</b> of{' '}
        <b>{formatCount((known?.groups ?? 0) + (all ? (known?.unshared ?? 0) : 0))}</b> groups match
      </span>
      <span>
        <b>{formatCount(sockets)}</b> of <b>{formatCount(known?.sockets ?? 0)}</b> sockets
      </span>
    </>
  )
}
