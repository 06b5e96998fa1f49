/** Which socket the clients of each local address reach, and why. */
import { clsx } from 'clsx'
import { protocolName } from '../../../electron/contract/format.ts'
import type { PortUse } from '../../../electron/contract/port.ts'
import { copiesNote, type ReachRow, reachRows, whichOf } from '../../../electron/contract/port-rows.ts'
import { hrefOf } from '../../model/route.ts'
import { useSession } from '../../model/store/context.ts'
import { countOf } from '../../ui/format.ts'
import { Name } from '../../ui/name.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import table from './port-table.module.css'
import { endpointParts } from './port-texts.ts'

export function WhoAnswers({ use }: { use: PortUse }) {
  const rows = reachRows(use.reaches, use.groups)
  const note = copiesNote(use)
  const namespaces = useSession((session) => session.namespaces)
  const several = new Set(rows.map(({ first }) => first.netns)).size > 1
  const nameOf = (inode: number) => namespaces.find((one) => one.inode === inode)?.name ?? String(inode)
  if (rows.length === 0) return null
  return (
    <section aria-label="Which socket answers">
      <h2>
        Which socket answers <small>for each local address</small>
      </h2>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">A client connects to</th>
            <th scope="col">Gets</th>
            <th scope="col">Because</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { first, addresses } = row
            return (
              <tr key={JSON.stringify([first.netns, first.protocol, addresses, first.group])}>
                <td className={text.mono}>
                  {protocolName(first)} {addresses.map(visibleText).join(', ')}
                  {several && <span className={text.quiet}> in {visibleText(nameOf(first.netns))}</span>}
                </td>
                <td>
                  <Receiver row={row} />
                </td>
                <td>
                  {visibleText(first.reason)}
                  {row.shadowed.length > 0 && (
                    <>
                      {' '}
                      It shadows{' '}
                      <span className={text.mono}>
                        {row.shadowed.map((one) => endpointParts(one).join('')).join(', ')}
                      </span>
                      .
                    </>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {note !== null && <p className={clsx(text.second, table.note)}>{note}</p>}
    </section>
  )
}

function Receiver({ row: { group, first } }: { row: ReachRow }) {
  if (group === null)
    return <span className={text.quiet}>{first.steeredBy === 'unreachable' ? 'nothing: not here' : 'nothing'}</span>
  const [address, port] = endpointParts(group)
  const owner = group.owners[0]?.command
  return (
    <>
      <a
        className={clsx(text.mono, group.family === 'ipv4' && table.endpoint)}
        href={hrefOf({ screen: 'group', id: group.id })}
      >
        {address}
        <b>{port}</b>
      </a>{' '}
      {owner !== undefined && <Name>{owner}</Name>}
      {first.among > 1 && (
        <span className={text.quiet}>
          , {whichOf(first)} {countOf(first.among, 'socket')}
        </span>
      )}
    </>
  )
}
