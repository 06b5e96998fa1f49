/** The view of the live table: sorting, scrolling, pausing, and the effect of each key. */

import type { GroupRow } from '../../../contract/live.ts'
import { byEndpoint } from '../summary.ts'

export const sortColumns = ['endpoint', 'queue', 'drops', 'members'] as const
export type SortColumn = (typeof sortColumns)[number]

export type WatchView = {
  readonly sort: SortColumn
  readonly reversed: boolean
  /** Index of the first visible row. */
  readonly top: number
  readonly all: boolean
  readonly paused: boolean
}

export const initialView: WatchView = { sort: 'endpoint', reversed: false, top: 0, all: false, paused: false }

export type KeyName = 'up' | 'down' | 'pageup' | 'pagedown' | 'home' | 'end' | 'space' | 's' | 'r' | 'a' | (string & {})

/** The view after a key; the same object where the key has no effect. `page`: number of visible rows, of `total`. */
export function afterKey(view: WatchView, key: KeyName, { page, total }: { page: number; total: number }): WatchView {
  const scrolled = (top: number): WatchView => ({ ...view, top: Math.max(0, Math.min(top, total - page)) })
  switch (key) {
    case 'up':
      return scrolled(view.top - 1)
    case 'down':
      return scrolled(view.top + 1)
    case 'pageup':
      return scrolled(view.top - page)
    case 'pagedown':
      return scrolled(view.top + page)
    case 'home':
      return scrolled(0)
    case 'end':
      return scrolled(total)
    case 's': {
      const next = sortColumns[(sortColumns.indexOf(view.sort) + 1) % sortColumns.length] ?? 'endpoint'
      return { ...view, sort: next, reversed: false, top: 0 }
    }
    case 'r':
      return { ...view, reversed: !view.reversed, top: 0 }
    case 'a':
      return { ...view, all: !view.all, top: 0 }
    case 'space':
      return { ...view, paused: !view.paused }
    default:
      return view
  }
}

/** Rows in the order of the view: largest numbers first, unknown ones last; ties by endpoint. */
export function sorted<Row extends GroupRow>(rows: Iterable<Row>, { sort, reversed }: WatchView): Row[] {
  const direction = reversed ? -1 : 1
  return [...rows].sort((a, b) => {
    if (sort === 'endpoint') return direction * byEndpoint(a, b)
    return direction * (sortValue(b, sort) - sortValue(a, sort)) || byEndpoint(a, b)
  })
}

function sortValue(row: GroupRow, sort: Exclude<SortColumn, 'endpoint'>): number {
  if (sort === 'members') return row.receiving
  if (sort === 'drops') return row.dropsPerSecond ?? -1
  if (row.fullest === null) return -1
  const { length, limit } = row.fullest
  return limit === null || limit === 0 ? 0 : length / limit
}
