/** The page's view of the groups: filter, sort order, and the counts beside the verdict. */
import { useSyncExternalStore } from 'react'
import { createStore, type StoreApi, useStore } from 'zustand'
import type { Namespace } from '../../../electron/contract/model.ts'
import { type Filter, matcher, type Subject } from '../filter/filter.ts'
import { parseFilter } from '../filter/parse.ts'
import { COLUMNS, columnNamed } from '../groups/columns.ts'
import { compareDefault } from '../groups/default-sort.ts'
import type { GroupEntry, GroupTable } from '../groups/group-table.ts'
import { GroupView } from '../groups/group-view.ts'
import { type SeverityCounts, urgencyOf } from '../groups/severity.ts'
import { usePageStore } from './context.ts'
import type { Groups } from './groups.ts'
import type { SessionStore } from './session.ts'
import type { SettingsStore } from './settings.ts'

type ViewState = {
  filter: Filter
  /** The selected row. */
  selected: string | null
  counts: SeverityCounts
  worst: GroupEntry | null
}

export type View = {
  readonly state: StoreApi<ViewState>
  /** The groups that match the filter, in order. */
  readonly groups: GroupView
  /** Every group as input for the filter. */
  readonly subjects: () => Iterable<Subject>
  /** Filters by `text` immediately, and stores it. */
  readonly setFilter: (text: string) => void
  /** Sorts by a column, or reverses the order if already sorted by it. */
  readonly sortBy: (id: string) => void
  /** Selects the row of a group. */
  readonly select: (id: string) => void
}

const STORE_FILTER_AFTER_MS = 600
const DEFAULT_SORT = { column: 'state', descending: true }

/** Follows the session: its settings choose the filter and the order. */
export function createView(session: SessionStore, groups: Groups, changeSettings: SettingsStore['change']): View {
  const { table } = groups
  const state = createStore<ViewState>(() => ({
    filter: parseFilter(''),
    selected: null,
    counts: { critical: 0, warning: 0, info: 0 },
    worst: null,
  }))
  const namespaceName = namespaceNames(session)
  const sortOf = () => {
    const { column, descending } = session.getState().settings?.sort ?? DEFAULT_SORT
    return { column: columnNamed(column) ?? COLUMNS[0] ?? { id: 'state' as const, title: 'State' }, descending }
  }
  const visible = new GroupView(table, sortOf(), namespaceName)
  const applyFilter = (filter: Filter) => {
    state.setState({ filter })
    visible.setTest(matcher(filter.terms))
  }

  table.subscribeAll(severityCounter(table, (counted) => state.setState(counted)))
  session.subscribe((session, before) => {
    // A filter typed before the settings arrived takes precedence.
    if (session.settings && !before.settings && state.getState().filter.text === '') {
      applyFilter(parseFilter(session.settings.filter))
    }
    if (session.settings && session.settings !== before.settings) {
      groups.history.setWindow(session.settings.historyMinutes * 60_000)
    }
    const { sort } = session.settings ?? {}
    if (sort && (sort.column !== before.settings?.sort.column || sort.descending !== before.settings.sort.descending)) {
      visible.setSort(sortOf())
    }
    if (session.namespaces !== before.namespaces) visible.refilter()
  })

  let storing: ReturnType<typeof setTimeout> | undefined
  return {
    state,
    groups: visible,
    *subjects() {
      for (const { row, trouble, findings, presence } of table.entries()) {
        if (presence !== 'gone') yield { row, trouble, findings, namespace: namespaceName(row.netns) }
      }
    },
    setFilter(text) {
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
  }
}

export function useView<Value>(select: (view: ViewState) => Value): Value {
  return useStore(usePageStore().view.state, select)
}

/** The groups that match the filter: a new array whenever the order changes. */
export function useVisibleGroups(): readonly GroupEntry[] {
  const { groups } = usePageStore().view
  return useSyncExternalStore(groups.subscribe, () => groups.order)
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

/** Counts groups by severity, from the changed rows only. */
function severityCounter(
  table: GroupTable,
  changed: (counted: Pick<ViewState, 'counts' | 'worst'>) => void,
): (touched: ReadonlySet<GroupEntry>) => void {
  const troubled = new Set<GroupEntry>()
  return (touched) => {
    for (const entry of touched) {
      if (entry.trouble.severity !== 'none' && table.get(entry.id) === entry) troubled.add(entry)
      else troubled.delete(entry)
    }
    const counts = { critical: 0, warning: 0, info: 0 }
    let worst: GroupEntry | null = null
    for (const entry of troubled) {
      const { severity } = entry.trouble
      if (severity === 'none') continue
      counts[severity]++
      if (severity !== 'info' && (worst === null || isWorse(entry, worst))) worst = entry
    }
    changed({ counts, worst })
  }
}

function isWorse(a: GroupEntry, b: GroupEntry): boolean {
  return (urgencyOf(b) - urgencyOf(a) || compareDefault(a.row, b.row)) < 0
}
