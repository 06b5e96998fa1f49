/** The groups and lone sockets on the port, by namespace. */
import { clsx } from 'clsx'
import { Fragment } from 'react'
import { protocolName } from '../../../electron/contract/format.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import type { PortUse } from '../../../electron/contract/port.ts'
import { hrefOf } from '../../model/route.ts'
import { useSession } from '../../model/store/context.ts'
import { ColumnHead } from '../../ui/column-head.tsx'
import { formatCount, formatQueue, formatRate, sharingName } from '../../ui/format.ts'
import { Name } from '../../ui/name.tsx'
import { SharingIcon } from '../../ui/sharing-icon.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import table from './port-table.module.css'
import { besidesText, endpointParts, whoText } from './port-texts.ts'
import css from './who-has-it.module.css'

const MAX_PIDS = 3

export function WhoHasIt({ use }: { use: PortUse }) {
  const namespaces = useSession((session) => session.namespaces)
  const places = [...new Set(use.groups.map(({ netns }) => netns))]
  const nameOf = (inode: number) => namespaces.find((one) => one.inode === inode)?.name ?? String(inode)
  const besides = besidesText(use)
  return (
    <section aria-label="Who has it">
      <h2>
        Who has it <small>{whoText(use)}</small>
      </h2>
      {use.groups.length === 0 ? (
        <p className={clsx(text.second, css.besides)}>No one: no socket receives on it.</p>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <ColumnHead>Protocol</ColumnHead>
              <ColumnHead>Bound to</ColumnHead>
              <ColumnHead className={table.number}>Sockets</ColumnHead>
              <ColumnHead>Owner</ColumnHead>
              <ColumnHead>Sharing</ColumnHead>
              <ColumnHead className={table.number}>Queue</ColumnHead>
              <ColumnHead className={table.number}>Drops/s</ColumnHead>
            </tr>
          </thead>
          <tbody>
            {places.map((netns) => (
              <Fragment key={netns}>
                {places.length > 1 && (
                  <tr className={table.place}>
                    <th scope="rowgroup" colSpan={7}>
                      {visibleText(nameOf(netns))}
                    </th>
                  </tr>
                )}
                {use.groups
                  .filter((row) => row.netns === netns)
                  .map((row) => (
                    <Group key={row.id} row={row} />
                  ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      )}
      {besides.length > 0 && <p className={clsx(text.second, css.besides)}>Besides: {besides.join(', ')}.</p>}
    </section>
  )
}

function Group({ row }: { row: GroupRow }) {
  const [address, port] = endpointParts(row)
  const { length, limit, unit } = formatQueue(row.fullest?.length ?? null, row.fullest?.limit ?? null, row.queue.unit)
  return (
    <tr>
      <td className={text.mono}>{protocolName(row)}</td>
      <td className={clsx(text.mono, row.family === 'ipv4' && table.endpoint)}>
        <a href={hrefOf({ screen: 'group', id: row.id })}>
          {address}
          <b>{port}</b>
        </a>
      </td>
      <td className={table.number}>{formatCount(row.receiving + row.bound + row.connected)}</td>
      <td className={table.owner}>
        <Owners row={row} />
      </td>
      <td>
        <span className={css.sharing}>
          <SharingIcon sharing={row.sharing} />
          {sharingName(row.sharing)}
        </span>
      </td>
      <td className={table.number}>
        {row.receiving === 0 ? (
          '–'
        ) : (
          <>
            {length ?? <UnknownText />}{' '}
            <small>
              / {limit ?? 'unknown'} {unit}
            </small>
          </>
        )}
      </td>
      <td className={clsx(table.number, (row.dropsPerSecond ?? 0) > 0 && text.bad)}>
        {row.dropsPerSecond === null ? <UnknownText /> : formatRate(row.dropsPerSecond)}
      </td>
    </tr>
  )
}

function Owners({ row: { owners, pids, user, uid } }: { row: GroupRow }) {
  const more = pids.length - MAX_PIDS
  return (
    <>
      {owners.length === 0 ? (
        <UnknownText>owner unknown</UnknownText>
      ) : (
        owners.map(({ command, service }, at) => (
          <Fragment key={`${command} ${service}`}>
            {at > 0 && ', '}
            <Name className={css.name}>{command}</Name>
          </Fragment>
        ))
      )}{' '}
      <span className={text.mono}>
        {pids.slice(0, MAX_PIDS).join(', ')}
        {more > 0 && ` and ${more} more`}
      </span>{' '}
      <span className={text.quiet}>
        {user === null ? (uid === null ? 'several users' : `uid ${uid}`) : visibleText(user)}
      </span>
    </>
  )
}
