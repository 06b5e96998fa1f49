/** The page's view of the groups: filter, sort order, and the counts beside the verdict. */
import { createStore, type StoreApi } from 'zustand'
import { type Filter, matcher, type Subject } from '../../../electron/contract/filter/filter.ts'
import { parseFilter } from '../../../electron/contract/filter/parse.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'
import type { Namespace } from '../../../electron/contract/model.ts'
import type { Settings } from '../../../electron/contract/settings.ts'
import { COLUMNS, columnNamed } from '../groups/columns.ts'
import type { GroupEntry } from '../groups/group-table.ts'
import { GroupView } from '../groups/group-view.ts'
import { DEFAULT_LANE_SORT, type LaneSort } from '../lane-sort.ts'
import { DEFAULT_RANGE, isSameRange, type TimeRange } from '../time-range.ts'
import type { Groups } from './groups.ts'
import type { SessionStore } from './session.ts'
import type { SettingsStore } from './settings.ts'
import { type Counted, type Scope, SeverityCounter } from './severity-counter.ts'

export type ViewState = Counted & {
  filter: Filter
  /** The selected row. */
  selected: string | null
  /** The order of the members on the screen of a group. */
  lanes: LaneSort
  /** The time that the chart of a group shows. */
  range: TimeRange
}

export type View = {
  readonly state: StoreApi<ViewState>
  /** The groups that match the filter, in order. */
  readonly groups: GroupView
  /** Every group as input for the filter. */
  readonly subjects: () => Iterable<Subject & { readonly row: GroupRow }>
  /** Filters by `text` immediately, and stores it. */
  readonly setFilter: (text: string) => void
  /** Sorts by a column, or reverses the order if already sorted by it. */
  readonly sortBy: (id: string) => void
  /** Selects the row of a group. */
  readonly select: (id: string) => void
  /** Sorts the members on the screen of a group. */
  readonly sortLanes: (sort: LaneSort) => void
  /** Shows another time on the chart of a group. */
  readonly showRange: (range: TimeRange) => void
}

const STORE_FILTER_AFTER_MS = 600
export const DEFAULT_SORT: Settings['sort'] = { column: 'state', descending: true }

/** Follows the session: its settings choose the filter and the order. */
export function createView(session: SessionStore, groups: Groups, changeSettings: SettingsStore['change']): View {
  const { table } = groups
  const counter = new SeverityCounter(table)
  const state = createStore<ViewState>(() => ({
    filter: parseFilter(''),
    selected: null,
    lanes: DEFAULT_LANE_SORT,
    range: DEFAULT_RANGE,
    ...counter.count(),
  }))
  const namespaceName = namespaceNames(session)
  const sortOf = () => {
    const { column, descending } = session.getState().settings?.sort ?? DEFAULT_SORT
    return { column: columnNamed(column) ?? COLUMNS[0] ?? { id: 'state' as const, title: 'State' }, descending }
  }
  let takenAt = Date.now()
  let chosen = false
  const visible = new GroupView(table, sortOf(), namespaceName, () => takenAt)
  const subjectOf = ({ row, trouble, findings }: GroupEntry) => ({
    row,
    trouble,
    findings,
    namespace: namespaceName(row.netns),
    takenAt,
  })
  const applyFilter = (filter: Filter) => {
    visible.setTest(matcher(filter.terms))
    counter.setScope(scopeOf(filter, namespaceName))
    state.setState({ filter, ...counter.count() })
  }

  table.subscribeAll((touched) => {
    counter.take(touched)
    state.setState(counter.count())
  })
  session.subscribe((session, before) => {
    // A filter that was chosen before the settings arrived takes precedence.
    if (session.settings && !before.settings && !chosen) {
      applyFilter(parseFilter(session.settings.filter))
    }
    const { sort } = session.settings ?? {}
    if (sort && (sort.column !== before.settings?.sort.column || sort.descending !== before.settings.sort.descending)) {
      visible.setSort(sortOf())
    }
    if (session.namespaces !== before.namespaces) applyFilter(state.getState().filter)
    if (session.sampling && session.sampling.takenAt !== before.sampling?.takenAt) {
      takenAt = session.sampling.takenAt === null ? Date.now() : Date.parse(session.sampling.takenAt)
      // Time passes for rows that do not change, too.
      if (state.getState().filter.terms.some(({ key }) => key === 'age')) visible.refilter()
    }
  })

  let storing: ReturnType<typeof setTimeout> | undefined
  return {
    state,
    groups: visible,
    *subjects() {
      for (const entry of table.entries()) if (entry.presence !== 'gone') yield subjectOf(entry)
    },
    setFilter(text) {
      chosen = true
      applyFilter(parseFilter(text))
      clearTimeout(storing)
      storing = setTimeout(() => void changeSettings({ filter: text.slice(0, 1000) }), STORE_FILTER_AFTER_MS)
    },
    sortBy(id) {
      const column = columnNamed(id)
      const sort = session.getState().settings?.sort ?? DEFAULT_SORT
      if (!column) return
      const descending = sort.column === id ? !sort.descending : (column.descendingFirst ?? false)
      void changeSettings({ sort: { column: id, descending } })
    },
    select: (selected) => state.setState({ selected }),
    sortLanes: (lanes) => state.setState({ lanes }),
    showRange: (range) => {
      if (!isSameRange(range, state.getState().range)) state.setState({ range })
    },
  }
}

/** The namespaces that the filter chooses. Decided once for each: it is asked for every group. */
function scopeOf({ terms }: Filter, namespaceName: (inode: number) => string): Scope {
  const chosen = terms.filter(({ key, test }) => key === 'netns' && test !== null)
  if (chosen.length === 0) return null
  const matches = matcher(chosen)
  const known = new Map<number, boolean>()
  return (row) => {
    const { netns } = row
    const before = known.get(netns)
    if (before !== undefined) return before
    const nothing = { severity: 'none', tag: null } as const
    const now = matches({ row, namespace: namespaceName(netns), trouble: nothing, findings: [], takenAt: 0 })
    known.set(netns, now)
    return now
  }
}

/**
 * The name of a namespace by its inode, or the inode if it has none. Cached per namespace list: looked up for every
 * group while sorting or filtering.
 */
function namespaceNames(session: SessionStore): (inode: number) => string {
  let cached: { of: readonly Namespace[]; names: ReadonlyMap<number, string> } = { of: [], names: new Map() }
  return (inode) => {
    const { namespaces } = session.getState()
    if (cached.of !== namespaces)
      cached = { of: namespaces, names: new Map(namespaces.map((one) => [one.inode, one.name])) }
    return cached.names.get(inode) ?? String(inode)
  }
}
