/** The groups in trouble of all hosts, worst first. */
import { clsx } from 'clsx'
import { protocolName } from '../../../electron/contract/format.ts'
import { reasonFor } from '../../model/groups/verdict.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import { hrefOf } from '../../model/route.ts'
import { ColumnHead } from '../../ui/column-head.tsx'
import { addressText, formatRate } from '../../ui/format.ts'
import { Sign } from '../../ui/sign.tsx'
import table from '../../ui/table.module.css'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import hostRows from './host-rows.module.css'
import css from './troubled-groups.module.css'
import { type HostRow, troubledGroups } from './use-host-rows.ts'

const MAX_ROWS = 20

export function TroubledGroups({ rows }: { rows: readonly HostRow[] }) {
  const { show } = useHostsOfPage()
  const found = troubledGroups(rows, MAX_ROWS)
  if (found.length === 0) return null
  return (
    <section className={css.groups}>
      <h2>
        Groups in trouble <span className={text.quiet}>all hosts, worst first</span>
      </h2>
      <table className={clsx(table.table, hostRows.rows)}>
        <thead>
          <tr>
            <td />
            <ColumnHead>Host</ColumnHead>
            <ColumnHead>Group</ColumnHead>
            <ColumnHead>Owner</ColumnHead>
            <ColumnHead>Problem</ColumnHead>
            <ColumnHead className={clsx(hostRows.number, css.drops)}>Drops/s</ColumnHead>
          </tr>
        </thead>
        <tbody>
          {found.map(({ host, entry: { id, row, trouble } }) => (
            <tr key={`${host.connection?.name ?? ''} ${id}`}>
              <td className={hostRows.sign}>
                <Sign name={trouble.severity} />
              </td>
              <td>{visibleText(host.connection?.name ?? 'this machine')}</td>
              <td className={text.mono}>
                {protocolName(row)}{' '}
                <a href={hrefOf({ screen: 'group', id })} onClick={() => show(host.connection?.name ?? null)}>
                  {addressText(row.address, row.family, row.interface)}:{row.port}
                </a>
              </td>
              <td>{row.owners[0] === undefined ? <UnknownText /> : visibleText(row.owners[0].command)}</td>
              <td className={css.problem}>
                {trouble.tag === null ? '' : `${trouble.tag}; `}
                {reasonFor(row)}
              </td>
              <td className={clsx(hostRows.number, css.drops)}>
                {row.dropsPerSecond === null ? <UnknownText /> : formatRate(row.dropsPerSecond)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
