/** The view of the live table: sorting, selecting, filtering, what is open, and the effect of each key. */

import type { GroupRow } from '../../../contract/live.ts'
import { byEndpoint } from '../summary.ts'

export const sortColumns = ['endpoint', 'queue', 'drops', 'members'] as const
export type SortColumn = (typeof sortColumns)[number]

/** What covers the table: one group with its members, the findings, or the keys. */
export type Opened =
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'findings' }
  | { readonly kind: 'keys' }

export type WatchView = {
  readonly sort: SortColumn
  readonly reversed: boolean
  /** Index of the first visible row. */
  readonly top: number
  /** The selected group; null: the first one. */
  readonly selected: string | null
  readonly all: boolean
  readonly paused: boolean
  /** In the filter language. */
  readonly filter: string
  /** The filter before it was edited, while it is; null otherwise. */
  readonly filterBefore: string | null
  readonly opened: Opened | null
  /** The first visible line of what is open. */
  readonly scrolled: number
}

export const initialView: WatchView = {
  sort: 'endpoint',
  reversed: false,
  top: 0,
  selected: null,
  all: false,
  paused: false,
  filter: '',
  filterBefore: null,
  opened: null,
  scrolled: 0,
}

export type KeyPress = {
  /** "up", "return", "space", "s"; empty for a character without a name. */
  readonly name: string
  /** The character; empty for other keys. */
  readonly text: string
}

/** `page`: number of visible rows; `ids`: of all rows, in their order; `lines`: of what is open. */
export type OnScreen = { readonly page: number; readonly ids: readonly string[]; readonly lines: number }

/** The view after a key; the same object where the key has no effect. */
export function afterKey(view: WatchView, key: KeyPress, screen: OnScreen): WatchView {
  if (view.filterBefore !== null) return afterTyping(view, key)
  if (view.opened !== null) return afterKeyInside(view, key.name, screen)
  const { page, ids } = screen
  const at = selectedAt(view, ids)
  const select = (to: number): WatchView => {
    const next = Math.max(0, Math.min(to, ids.length - 1))
    const top = Math.max(Math.min(view.top, next), next - page + 1)
    return { ...view, selected: ids[next] ?? null, top: Math.max(0, top) }
  }
  const to = { up: at - 1, down: at + 1, pageup: at - page, pagedown: at + page, home: 0, end: ids.length - 1 }[
    key.name
  ]
  if (to !== undefined) return select(to)
  if (key.text === '/') return { ...view, filterBefore: view.filter }
  if (key.text === '?') return { ...view, opened: { kind: 'keys' }, scrolled: 0 }
  switch (key.name) {
    case 'return':
    case 'enter': {
      const id = ids[at]
      return id === undefined ? view : { ...view, selected: id, opened: { kind: 'group', id }, scrolled: 0 }
    }
    case 'f':
      return { ...view, opened: { kind: 'findings' }, scrolled: 0 }
    case 'escape':
      return view.filter === '' ? view : { ...view, filter: '', top: 0 }
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

/** The index of the selected row; of the first, where that is none of them. */
export function selectedAt({ selected }: Pick<WatchView, 'selected'>, ids: readonly string[]): number {
  return selected === null ? 0 : Math.max(0, ids.indexOf(selected))
}

function afterTyping(view: WatchView, { name, text }: KeyPress): WatchView {
  const { filter, filterBefore } = view
  switch (name) {
    case 'return':
    case 'enter':
      return { ...view, filterBefore: null }
    case 'escape':
      return { ...view, filter: filterBefore ?? '', filterBefore: null, top: 0 }
    case 'backspace':
      return { ...view, filter: [...filter].slice(0, -1).join(''), top: 0 }
    default:
      return text === '' ? view : { ...view, filter: filter + text, top: 0 }
  }
}

function afterKeyInside(view: WatchView, name: string, { page, lines }: OnScreen): WatchView {
  const { scrolled } = view
  const to = {
    up: scrolled - 1,
    down: scrolled + 1,
    pageup: scrolled - page,
    pagedown: scrolled + page,
    home: 0,
    end: lines,
  }[name]
  if (to !== undefined) return { ...view, scrolled: Math.max(0, Math.min(to, lines - page)) }
  if (name === 'escape' || name === 'return' || name === 'enter' || name === 'backspace' || name === 'left')
    return { ...view, opened: null }
  return name === 'space' ? { ...view, paused: !view.paused } : view
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
