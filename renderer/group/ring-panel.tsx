/** The ring of a group with its members, and what the last change of members moved. */
import { useRef } from 'react'
import type { GroupRow } from '../../electron/contract/live.ts'
import { formatCount } from '../ui/format.ts'
import type { MemberEntry } from './member-table.ts'
import { movedShare } from './remap.ts'
import { Ring } from './ring.tsx'
import { ringItems } from './ring-items.ts'

export function RingPanel({
  row,
  members,
  picked,
}: {
  row: GroupRow
  members: readonly MemberEntry[]
  /** Id of the member that was asked for. */
  picked: string | null
}) {
  const here = members.filter(({ presence }) => presence !== 'gone')
  const change = useLastChange(here.length)
  const spread = row.sharing === 'reuseport' || row.sharing === 'unknown'
  const label = `The hash space of port ${row.port}: ${here.length === 1 ? 'one member has all of it' : `${formatCount(here.length)} members, an equal arc each`}.`
  return (
    <figure className="ring-figure">
      <Ring items={ringItems(members, picked)} label={label} />
      <figcaption>
        {spread && change && <p role="status">{movedWords(change.from, change.to, row)}</p>}
        {spread && here.length > 1 ? (
          <p>
            <b>Hash</b> of both addresses and ports, with a secret of this boot. One equal arc a member; the order is
            ours.
          </p>
        ) : (
          <p>
            {here.length > 1 && row.sharing === 'reuseaddr'
              ? 'No hash here: the newest takes all'
              : 'Nothing to divide: one queue takes all'}
          </p>
        )}
      </figcaption>
    </figure>
  )
}

/** "16 → 17 members: 50 % of clients would now reach another one." */
export function movedWords(from: number, to: number, { protocol }: Pick<GroupRow, 'protocol'>): string {
  const moved = movedShare(from, to)
  const who = protocol === 'tcp' ? 'of new connections' : 'of flows'
  const change = `${formatCount(from)} → ${formatCount(to)} members`
  if (moved === null) return `${change}: most ${who} go elsewhere than before`
  const [least, most] = [Math.round(100 * moved.least), Math.round(100 * moved.most)]
  const share = least === most ? `${most} %` : `${least} to ${most} %`
  return `${change}: by hash, ${share} ${who} go elsewhere than before`
}

/** The last two counts that differ; null while the count is what it was at first. */
function useLastChange(count: number): { from: number; to: number } | null {
  const seen = useRef<{ count: number; change: { from: number; to: number } | null }>({ count, change: null })
  if (seen.current.count !== count) seen.current = { count, change: { from: seen.current.count, to: count } }
  return seen.current.change
}
