/** Members as arcs of the ring. */
import { isFullMember } from './fullness.ts'
import type { MemberEntry } from './member-table.ts'
import type { RingItem } from './ring.tsx'

/** With more members an arc stands for several of them, side by side. */
export const MOST_ARCS = 64

/** Ones that left have no arc any more. `picked` is a cookie. */
export function ringItems(members: readonly MemberEntry[], picked: string | null): RingItem[] {
  const here = members.filter(({ presence }) => presence !== 'gone')
  if (here.length <= MOST_ARCS) {
    return here.map((entry) => ({
      key: entry.cookie,
      label: String(entry.number),
      look: entry.cookie === picked ? 'picked' : isFullMember(entry.row) ? 'full' : 'plain',
    }))
  }
  const looks: RingItem['look'][] = new Array(MOST_ARCS).fill('plain')
  for (const [index, entry] of here.entries()) {
    const arc = Math.floor((index * MOST_ARCS) / here.length)
    if (entry.cookie === picked) looks[arc] = 'picked'
    else if (looks[arc] === 'plain' && isFullMember(entry.row)) looks[arc] = 'full'
  }
  return looks.map((look, arc) => ({ key: `arc${arc}`, label: '', look }))
}
