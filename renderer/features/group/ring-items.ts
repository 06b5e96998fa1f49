/** Members as arcs of the ring. */

import type { MemberEntry } from './member-entry.ts'
import type { RingItem } from './ring.tsx'
import { isFullMember } from './utilization.ts'

/** With more members, an arc stands for several adjacent ones. */
export const MAX_ARCS = 64

/** Removed members have no arc. `picked` and `chosen` are ids of members. */
export function ringItems(members: readonly MemberEntry[], picked: string | null, chosen: string | null): RingItem[] {
  const here = members.filter(({ presence }) => presence !== 'gone')
  if (here.length <= MAX_ARCS) {
    return here.map((entry) => ({
      key: entry.id,
      label: String(entry.number),
      full: isFullMember(entry.row),
      picked: entry.id === picked,
      chosen: entry.id === chosen,
    }))
  }
  const items = Array.from({ length: MAX_ARCS }, (_, arc) => ({
    key: `arc${arc}`,
    label: '',
    full: false,
    picked: false,
    chosen: false,
  }))
  for (const [index, entry] of here.entries()) {
    const item = items[Math.floor((index * MAX_ARCS) / here.length)]
    if (!item) continue
    item.full ||= isFullMember(entry.row)
    item.picked ||= entry.id === picked
    item.chosen ||= entry.id === chosen
  }
  return items
}
