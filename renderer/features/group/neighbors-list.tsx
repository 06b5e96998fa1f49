/** Other sockets on the port, and which shadow which. */
import { clsx } from 'clsx'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { isLabGroup } from '../../../electron/contract/constants.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { hrefOf } from '../../model/route.ts'
import { useSession } from '../../model/store/context.ts'
import { useGroupsOnPort } from '../../model/store/groups-on-port.ts'
import { addressText, countOf, formatCount } from '../../ui/format.ts'
import { Name } from '../../ui/name.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { LabTag, UnknownText } from '../../ui/widgets.tsx'
import { type Neighbor, neighborsOf } from './neighbors.ts'
import css from './neighbors-list.module.css'
import { watchPort } from './watch-port.ts'

const MAX_SHOWN = 12

export function NeighborsList({ row }: { row: GroupRow }) {
  const neighbors = useNeighbors(row)
  return (
    <section className={css.neighbors} aria-label="Neighbors">
      <h2>Neighbors</h2>
      {neighbors.length === 0 && <p>Nothing else uses port {row.port} in this namespace.</p>}
      <ul>
        {neighbors.slice(0, MAX_SHOWN).map((neighbor) => (
          <NeighborItem key={neighbor.row.id} neighbor={neighbor} />
        ))}
      </ul>
      {neighbors.length > MAX_SHOWN && <p>and {formatCount(neighbors.length - MAX_SHOWN)} more.</p>}
      {row.connected > 0 && (
        <p>{countOf(row.connected, 'connected socket')} on this address: each receives only from its own peer.</p>
      )}
      {row.bound > 0 && (
        <p>
          {countOf(row.bound, 'socket')} bound to this address but not listening: no client reaches{' '}
          {row.bound === 1 ? 'it' : 'them'}.
        </p>
      )}
    </section>
  )
}

function NeighborItem({ neighbor: { row, relation, text: words } }: { neighbor: Neighbor }) {
  const owner = row.owners[0]?.command
  const warns = relation === 'shadows' || relation === 'rivals'
  return (
    <li>
      <a className={text.mono} href={hrefOf({ screen: 'group', id: row.id })}>
        {addressText(row.address, row.family, row.interface)}:{row.port}
      </a>
      <span className={css.whose}>
        {owner === undefined ? <UnknownText>owner unknown</UnknownText> : <Name>{owner}</Name>},{' '}
        {formatCount(row.receiving)} {isLabGroup(row) && <LabTag />}
      </span>
      <span className={clsx(css.relation, warns && css.warns)}>
        {warns && <Sign name="warning" size="small" label="" />}
        {visibleText(words)}
      </span>
    </li>
  )
}

function useNeighbors(row: GroupRow): Neighbor[] {
  const grouped = useGroupsOnPort(row.port)
  const plain = useUnsharedOnPort(row.port)
  const { id, port, netns, protocol, family, v6only, address, interface: bound, uid, sharing } = row
  return useMemo(() => {
    const others = new Map([...plain, ...grouped].map((other) => [other.id, other]))
    return neighborsOf(
      { id, port, netns, protocol, family, v6only, address, interface: bound, uid, sharing },
      others.values(),
    )
  }, [plain, grouped, id, port, netns, protocol, family, v6only, address, bound, uid, sharing])
}

const NONE: readonly GroupRow[] = []

function useUnsharedOnPort(port: number): readonly GroupRow[] {
  const client = useSession(({ client }) => client)
  const held = useSession(({ settings }) => settings?.unsharedSockets ?? false)
  const [rows, setRows] = useState<readonly GroupRow[]>(NONE)
  const take = useCallback((rows: readonly GroupRow[]) => setRows(rows), [])
  useEffect(() => {
    if (!client || held) return
    const end = new AbortController()
    // A failure here also fails the page's own stream, which reports it.
    void watchPort(client, port, take, end.signal).catch(() => {})
    return () => end.abort()
  }, [client, held, port, take])
  return held ? NONE : rows
}
