/** The ring of a group with its members, and how many flows the last membership change moved. */
import { useRef } from 'react'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { getsCopies } from '../../../electron/contract/multicast.ts'
import { formatCount } from '../../ui/format.ts'
import type { Choice } from './choice.ts'
import type { MemberEntry } from './member-entry.ts'
import { movedShare } from './remap.ts'
import { Ring } from './ring.tsx'
import { ringItems } from './ring-items.ts'
import css from './ring-panel.module.css'

export function RingPanel({
  row,
  members,
  program,
  picked,
  choice: { chosen, choose },
}: {
  row: GroupRow
  members: readonly MemberEntry[]
  /** A BPF program decides instead of the hash. */
  program: boolean
  /** Id of the member that the typed client reaches. */
  picked: string | null
  choice: Choice
}) {
  const here = members.filter(({ presence }) => presence !== 'gone')
  const change = useLastChange(here.length)
  const copies = getsCopies(row)
  const spread = (row.sharing === 'reuseport' || row.sharing === 'unknown') && !program && !copies
  const label =
    program || copies
      ? `Members of port ${row.port}: ${formatCount(here.length)}.`
      : `Hash space of port ${row.port}: ${here.length === 1 ? 'one member has all of it' : `${formatCount(here.length)} members with equal arcs`}.`
  return (
    <figure className={css.figure}>
      <Ring
        items={ringItems(members, picked, chosen)}
        label={label}
        // An arc of many members has no id of one.
        choose={(key) => members.some(({ id }) => id === key) && choose(key === chosen ? null : key)}
      />
      <figcaption>
        {spread && change && <p role="status">{movedText(change.from, change.to, row)}</p>}
        {spread && here.length > 1 ? (
          <p>
            <b>Hash</b> of both addresses and ports, with a per-boot secret. One equal arc per member; arc order is
            arbitrary.
          </p>
        ) : (
          <p>
            {here.length > 1 && copies
              ? 'No hash here: each member gets a copy of every datagram for this address. Arcs only count members.'
              : here.length > 1 && row.sharing === 'reuseaddr'
                ? 'No hash here: the newest receives all'
                : here.length > 1 && program
                  ? 'No hash here: a BPF program picks the member. Arcs only count members.'
                  : 'Nothing to divide: one queue receives all'}
          </p>
        )}
      </figcaption>
    </figure>
  )
}

/** "16 → 17 members: by hash, 50 % of new connections now go to a different member" */
export function movedText(from: number, to: number, { protocol }: Pick<GroupRow, 'protocol'>): string {
  const moved = movedShare(from, to)
  const who = protocol === 'tcp' ? 'new connections' : 'flows'
  const change = `${formatCount(from)} → ${formatCount(to)} members`
  if (moved === null) return `${change}: most ${who} now go to a different member`
  const [least, most] = [Math.round(100 * moved.min), Math.round(100 * moved.max)]
  const share = least === most ? `${most} %` : `${least} to ${most} %`
  return `${change}: by hash, ${share} of ${who} now go to a different member`
}

/** The last change of the count; null before the first. */
function useLastChange(count: number): { from: number; to: number } | null {
  const seen = useRef<{ count: number; change: { from: number; to: number } | null }>({ count, change: null })
  if (seen.current.count !== count) seen.current = { count, change: { from: seen.current.count, to: count } }
  return seen.current.change
}
