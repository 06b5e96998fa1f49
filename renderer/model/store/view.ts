/** The page's view of the groups: filter, sort order, and the counts beside the verdict. */
import { create } from 'zustand'
import type { Namespace } from '../../../electron/contract/model.ts'
import { type Filter, matcher } from '../filter/filter.ts'
import { parseFilter } from '../filter/parse.ts'
import { COLUMNS, columnNamed } from '../groups/columns.ts'
import { compareDefault } from '../groups/default-sort.ts'
import type { GroupEntry } from '../groups/group-table.ts'
import { GroupView } from '../groups/group-view.ts'
import { type SeverityCounts, urgencyOf } from '../groups/severity.ts'
import { changeSettings } from './engine.ts'
import { groups, history } from './groups.ts'
import { useSession } from './session.ts'

type ViewState = {
  filter: Filter
  /** The selected row. */
  selected: string | null
  counts: SeverityCounts
  worst: GroupEntry | null
}

export const useView = create<ViewState>(() => ({
  filter: parseFilter(''),
  selected: null,
  counts: { critical: 0, warning: 0, info: 0 },
  worst: null,
}))

const SWEEP_MS = 400
const STORE_FILTER_AFTER_MS = 600

/** Names by inode, cached per namespace list: looked up for every group while sorting or filtering. */
let namesCache: { of: readonly Namespace[]; names: ReadonlyMap<number, string> } = { of: [], names: new Map() }

/** Name of a namespace, or its inode if it has none. */
export function namespaceName(inode: number): string {
  const { namespaces } = useSession.getState()
  if (namesCache.of !== namespaces)
    namesCache = { of: namespaces, names: new Map(namespaces.map((one) => [one.inode, one.name])) }
  return namesCache.names.get(inode) ?? String(inode)
}

export const groupView = new GroupView(groups, sortOf(), namespaceName)

function sortOf() {
  const { column, descending } = useSession.getState().settings?.sort ?? { column: 'state', descending: true }
  return { column: columnNamed(column) ?? COLUMNS[0] ?? { id: 'state' as const, title: 'State' }, descending }
}

let storing: ReturnType<typeof setTimeout> | undefined

/** Filters by `text` immediately, and stores it. */
export function setFilter(text: string): void {
  const filter = parseFilter(text)
  useView.setState({ filter })
  groupView.setTest(matcher(filter.terms))
  clearTimeout(storing)
  storing = setTimeout(() => void changeSettings({ filter: text.slice(0, 1000) }), STORE_FILTER_AFTER_MS)
}

/** Sorts by a column, or reverses the order if already sorted by it. */
export function sortBy(id: string): void {
  const column = columnNamed(id)
  const { sort } = useSession.getState().settings ?? { sort: { column: 'state', descending: true } }
  if (!column) return
  const descending = sort.column === id ? !sort.descending : (column.descendingFirst ?? false)
  void changeSettings({ sort: { column: id, descending } })
}

const troubled = new Set<GroupEntry>()

/** Updates the counts from the changed rows only. */
function countSeverities(touched: ReadonlySet<GroupEntry>): void {
  for (const entry of touched) {
    if (entry.trouble.severity !== 'none' && groups.get(entry.id) === entry) troubled.add(entry)
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
  useView.setState({ counts, worst })
}

function isWorse(a: GroupEntry, b: GroupEntry): boolean {
  return (urgencyOf(b) - urgencyOf(a) || compareDefault(a.row, b.row)) < 0
}

/** Connects the view to the session. Call once. */
export function startView(): void {
  groups.subscribeAll(countSeverities)
  setInterval(() => groups.sweep(Date.now()), SWEEP_MS)
  useSession.subscribe((session, before) => {
    if (session.settings && !before.settings) {
      // A filter typed before the settings arrived takes precedence.
      if (useView.getState().filter.text === '') {
        const filter = parseFilter(session.settings.filter)
        useView.setState({ filter })
        groupView.setTest(matcher(filter.terms))
      }
    }
    if (session.settings && session.settings !== before.settings) {
      history.setWindow(session.settings.historyMinutes * 60_000)
    }
    const { sort } = session.settings ?? {}
    if (sort && (sort.column !== before.settings?.sort.column || sort.descending !== before.settings.sort.descending)) {
      groupView.setSort(sortOf())
    }
    if (session.namespaces !== before.namespaces) groupView.refilter()
  })
}
