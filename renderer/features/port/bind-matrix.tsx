/** Whether a bind would succeed: a row for each user, a column for each pair of options; the chosen cell explains itself. */
import { clsx } from 'clsx'
import { Fragment, useState } from 'react'
import type { PortBind } from '../../../electron/contract/port.ts'
import { type BindPlace, bindPlaces, isFree } from '../../../electron/contract/port-rows.ts'
import { useSession } from '../../model/store/context.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { CommandLine } from '../../ui/copying.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleName, visibleText } from '../../ui/visible-text.ts'
import css from './bind-matrix.module.css'
import table from './port-table.module.css'
import { bindText, holderText, OPTION_TITLES, refusingCommand } from './port-texts.ts'

export function BindMatrix({ port, binds }: { port: number; binds: readonly PortBind[] }) {
  const namespaces = useSession((session) => session.namespaces)
  const uid = useSession(({ machine }) => machine?.host.uid ?? null)
  const [chosen, setChosen] = useState<string | null>(null)
  const places = bindPlaces(binds)
  const several = new Set(places.map(({ first }) => first.netns)).size > 1
  const titleOf = ({ first }: BindPlace) => {
    const only = first.address === '::' && first.v6only ? ', IPv6 only' : ''
    const name = namespaces.find((one) => one.inode === first.netns)?.name ?? String(first.netns)
    return `${first.protocol} ${first.address}${only}${several ? ` in ${visibleText(name)}` : ''}`
  }
  const free = places.filter(isFree)
  const rest = places.filter((place) => !isFree(place))
  const cells = rest.flatMap(({ rows }) => rows.flatMap((row) => row.binds))
  const picked = cells.find((bind) => keyOf(bind) === chosen) ?? cells.find(({ succeeds }) => succeeds !== true) ?? null
  return (
    <>
      {rest.length > 0 && (
        <table className={clsx(table.table, css.matrix)} aria-label="Would a bind succeed?">
          <thead>
            <tr>
              <th scope="col">As</th>
              {OPTION_TITLES.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rest.map((place) => (
              <Fragment key={titleOf(place)}>
                <tr className={css.place}>
                  <th scope="rowgroup" colSpan={5} className={text.mono}>
                    {titleOf(place)}
                  </th>
                </tr>
                {place.rows.map((row) => (
                  <tr key={row.users.map((user) => user.uid).join()}>
                    <th scope="row">{whoOf(row, uid)}</th>
                    {row.binds.map((bind) => (
                      <td key={keyOf(bind)}>
                        <Cell bind={bind} picked={bind === picked} pick={() => setChosen(keyOf(bind))} />
                      </td>
                    ))}
                  </tr>
                ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      )}
      {picked !== null && <Why bind={picked} port={port} />}
      {free.length > 0 && (
        <p className={clsx(text.second, css.free)}>
          <Sign name="ok" size="small" label="" /> Any bind succeeds: {free.map(titleOf).join('; ')}.
        </p>
      )}
    </>
  )
}

function keyOf({ netns, protocol, address, v6only, uid, options }: PortBind): string {
  return JSON.stringify([netns, protocol, address, v6only, uid, options.reuseport, options.reuseaddr])
}

function whoOf({ users, everyone }: BindPlace['rows'][number], own: number | null): string {
  if (everyone) return 'any user'
  return users
    .map(({ uid, user }) => {
      if (uid === null) return 'other users'
      return `${user === null ? `uid ${uid}` : visibleName(user)}${uid === own ? ' (engine)' : ''}`
    })
    .join(', ')
}

function Cell({ bind, picked, pick }: { bind: PortBind; picked: boolean; pick: () => void }) {
  const { succeeds } = bind
  return (
    <button type="button" className={css.cell} aria-pressed={picked} onClick={pick}>
      {succeeds === true ? (
        <Sign name="ok" size="small" label="succeeds:" />
      ) : succeeds === null ? (
        <Sign name="unknown" size="small" label="" />
      ) : (
        <>
          <Icon name="close" className={css.refused} />
          <span className={text.hidden}>fails:</span>
        </>
      )}
      <span>{bindText(bind)}</span>
    </button>
  )
}

function Why({ bind, port }: { bind: PortBind; port: number }) {
  const { succeeds, error, reason, refusedBy, joins } = bind
  return (
    <div className={css.why} role="status">
      <p>
        <b>
          {succeeds === true
            ? 'bind() succeeds.'
            : succeeds === null
              ? 'Whether bind() succeeds is not known.'
              : `bind() fails with ${error}.`}
        </b>{' '}
        {reason !== null && <CodedText text={reason} />}
        {succeeds === true && (joins === null ? 'It would be a socket of its own.' : 'It would join the group.')}
        {refusedBy !== null && (
          <>
            {' '}
            The socket that refuses: <span className={text.mono}>{visibleText(refusedBy.address)}</span>,{' '}
            {holderText(refusedBy)}, {refusedBy.user === null ? 'user unknown' : visibleText(refusedBy.user)}
            {refusedBy.cookie !== null && (
              <>
                , cookie <span className={text.mono}>{refusedBy.cookie}</span>
              </>
            )}
            .
          </>
        )}
      </p>
      {refusedBy !== null && <CommandLine command={refusingCommand(bind, port)} />}
    </div>
  )
}
