/** What the address says of the view beside the screen: filter, order, and the snapshot or recording that is shown. */
import { DEFAULT_SETTINGS } from '../../electron/contract/default-settings.ts'
import { MAX_STORED_ID } from '../../electron/contract/ids.ts'
import type { Settings } from '../../electron/contract/settings.ts'
import { DEFAULT_LANE_SORT, LANE_COLUMNS, type LaneSort } from './lane-sort.ts'
import { hrefOf, parseRoute, type Route } from './route.ts'
import { DEFAULT_RANGE, isSameRange, rangeOf, rangeText, type TimeRange } from './time-range.ts'

/** Each part is absent where the screen does not have it. */
export type ViewAddress = {
  readonly filter?: string
  readonly sort?: Settings['sort']
  /** The order of a group's members. */
  readonly lanes?: LaneSort
  /** The time that a group's chart shows. */
  readonly range?: TimeRange
  /** null: live. `snapshot`: the number within a recording, from 0; null for a single snapshot. */
  readonly shown?: { readonly id: string; readonly snapshot: number | null } | null
}

const DEFAULT_SORT = DEFAULT_SETTINGS.sort

/** The parts that each screen has. */
const PARTS: Partial<Record<Route['screen'], readonly (keyof ViewAddress)[]>> = {
  groups: ['filter', 'sort', 'shown'],
  group: ['lanes', 'range', 'shown'],
  findings: ['filter', 'shown'],
}

/**
 * The view in an address, with the defaults where it says nothing; null where it has no view at all, as in the links
 * between screens: then the view stays. `kept`: the address was written with its view, even if nothing of that is seen.
 */
export function parseView(hash: string, kept = false): ViewAddress | null {
  const { screen } = parseRoute(hash)
  const parts = PARTS[screen] ?? []
  const mark = hash.indexOf('?')
  if (mark < 0 && !kept) return null
  const query = new URLSearchParams(mark < 0 ? '' : hash.slice(mark + 1))
  const id = query.get('in') ?? ''
  const at = query.get('at')
  const view: Required<ViewAddress> = {
    filter: query.get('filter') ?? '',
    sort: sortOf(query.get('sort')) ?? DEFAULT_SORT,
    lanes: laneSortOf(query.get('lanes')),
    range: rangeOf(query.get('range')),
    shown:
      id !== '' && id.length <= MAX_STORED_ID
        ? { id, snapshot: at !== null && /^\d{1,9}$/.test(at) ? Number(at) : null }
        : null,
  }
  return Object.fromEntries(parts.map((part) => [part, view[part]]))
}

/**
 * The address of a screen with its view. What is the default is left out; `whole` says so all the same, for links that
 * are opened elsewhere.
 */
export function hashOf(route: Route, view: Required<ViewAddress>, whole = false): string {
  const parts = PARTS[route.screen] ?? []
  const { filter, sort, lanes, range, shown } = view
  const query: string[] = []
  const has = (part: keyof ViewAddress, isDefault: boolean) => parts.includes(part) && (whole || !isDefault)
  if (has('filter', filter === '')) query.push(`filter=${encode(filter)}`)
  if (has('sort', isSame(sort, DEFAULT_SORT))) query.push(`sort=${sortText(sort)}`)
  if (has('lanes', isSame(lanes, DEFAULT_LANE_SORT))) query.push(`lanes=${sortText(lanes)}`)
  if (has('range', isSameRange(range, DEFAULT_RANGE))) query.push(`range=${rangeText(range)}`)
  if (parts.includes('shown') && shown !== null) {
    query.push(`in=${encode(shown.id)}`)
    if (shown.snapshot !== null) query.push(`at=${shown.snapshot}`)
  }
  return `${hrefOf(route)}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

/** "-queue" is descending. */
function sortOf(text: string | null): Settings['sort'] | null {
  if (text === null || !/^-?\w{1,39}$/.test(text)) return null
  return { column: text.replace(/^-/, ''), descending: text.startsWith('-') }
}

function laneSortOf(text: string | null): LaneSort {
  const sort = sortOf(text)
  const column = LANE_COLUMNS.find((name) => name === sort?.column)
  return sort === null || column === undefined ? DEFAULT_LANE_SORT : { column, descending: sort.descending }
}

function sortText({ column, descending }: Settings['sort']): string {
  return `${descending ? '-' : ''}${encode(column)}`
}

function isSame(a: Settings['sort'], b: Settings['sort']): boolean {
  return a.column === b.column && a.descending === b.descending
}

/** Only what has a meaning in an address is escaped: a filter stays readable. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /%(?:3A|2F|3E|3C|2C|40|5B|5D)/g,
    decodeURIComponent,
  )
}
