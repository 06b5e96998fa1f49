/** The live table as lines for a screen of a given size. Pure. */
import type { Selection } from '../../../contract/contract.ts'
import type { GroupRow } from '../../../contract/live.ts'
import { formatProblem } from '../failure.ts'
import { count, several } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { unknown } from '../tables/cells.ts'
import { groupColumns } from '../tables/groups-table.ts'
import { type Line, line, type Span, span } from '../text.ts'
import { truncate } from '../width.ts'
import { isSelected, type WatchState } from './state.ts'
import { sorted, type WatchView } from './view.ts'

export type ScreenSize = { readonly columns: number; readonly rows: number }

/** Lines around the table's rows: two for the heading, the table's header, the keys. */
const CHROME_LINES = 4

/** How many rows of the table fit. */
export function pageSize({ rows }: ScreenSize): number {
  return Math.max(1, rows - CHROME_LINES)
}

/** The rows that the view shows, in its order, including rows that were just removed. */
export function visibleRows(state: WatchState, view: WatchView, selection: Selection): GroupRow[] {
  const asked = { ...selection, all: view.all }
  const rows = [...state.rows.values(), ...state.removed.values()]
  return sorted(
    rows.filter((row) => isSelected(row, asked, state.namespaces)),
    view,
  )
}

/**
 * The whole screen, at most `size.rows` lines of at most `size.columns` columns. `now` is the time in ms since 1970.
 */
export function watchPage(
  state: WatchState,
  view: WatchView,
  selection: Selection,
  size: ScreenSize,
  now: number,
): Line[] {
  const rows = visibleRows(state, view, selection)
  const page = pageSize(size)
  const top = Math.max(0, Math.min(view.top, rows.length - page))
  const shown = rows.slice(top, top + page)
  // Over all rows, not only the visible ones, so that scrolling does not move columns.
  const columns: Column<GroupRow>[] = [
    { title: ' ', priority: 101, cell: (row) => changeMark(row, state) },
    ...groupColumns(rows, { namespaces: state.namespaces, owners: true }).map((column) =>
      column.title === 'DROPS' ? dropsPerSecond : column,
    ),
  ]
  const lines = [
    heading(state, rows.length, now),
    notice(state),
    ...(rows.length === 0 ? [line(emptyMessage(state))] : table(columns, shown, size.columns)),
  ]
  while (lines.length < size.rows - 1) lines.push([])
  lines.splice(Math.max(0, size.rows - 1))
  lines.push(keys(view, { top, shown: shown.length, total: rows.length }))
  return lines.slice(-size.rows).map((text) => truncate(text, size.columns))
}

function changeMark(row: GroupRow, state: WatchState): Line {
  if (state.removed.has(row.id)) return line(span('-', 'bad'))
  return line(state.added.has(row.id) ? span('+', 'good') : ' ')
}

const dropsPerSecond: Column<GroupRow> = {
  title: 'DROPS/S',
  align: 'right',
  priority: 72,
  cell: ({ dropsPerSecond: rate }) => {
    if (rate === null) return [unknown]
    if (rate > 0 && rate < 10) return line(span(rate.toFixed(1), 'bad'))
    return line(span(count(Math.round(rate)), rate > 0 ? 'bad' : 'quiet'))
  },
}

function heading({ totals, sampler: sampling }: WatchState, shown: number, now: number): Line {
  if (totals === null || sampling === null) return line('Reading sockets …')
  const parts: (Span | string)[] = [
    span(several(shown, 'group'), 'strong'),
    span(`  ${several(totals.sockets, 'socket')}, ${count(totals.unshared)} unshared`, 'quiet'),
    span(`  read in ${several(Math.max(1, Math.round(sampling.durationMs)), 'ms', 'ms')}`, 'quiet'),
  ]
  if (sampling.takenAt !== null) {
    const age = Math.max(0, now - Date.parse(sampling.takenAt)) / 1000
    parts.push(span(`  ${age < 10 ? age.toFixed(1) : count(Math.round(age))} s old`, 'quiet'))
  }
  if (sampling.paused) parts.push('  ', span('paused', 'warning'))
  else if (sampling.intervalMs > sampling.requestedIntervalMs) {
    parts.push(span(`  every ${(sampling.intervalMs / 1000).toFixed(1)} s, because refreshes are slow`, 'warning'))
  }
  return parts.map((part) => (typeof part === 'string' ? span(part) : part))
}

function notice({ totals, sampler: sampling }: WatchState): Line {
  if (sampling !== null && sampling.problem !== null) return line(span(formatProblem(sampling.problem), 'warning'))
  if (totals !== null && totals.ownersHidden > 0) {
    return line(span(`Owners of ${several(totals.ownersHidden, 'socket')} are hidden; \`doctor\` shows why.`, 'quiet'))
  }
  return []
}

function emptyMessage({ totals }: WatchState): string {
  return totals === null ? '' : 'No group matches. Press a to include unshared sockets.'
}

function keys(view: WatchView, at: { top: number; shown: number; total: number }): Line {
  const where = at.shown < at.total ? `  ${count(at.top + 1)}–${count(at.top + at.shown)} of ${count(at.total)}` : ''
  const order = `${view.sort}${view.reversed ? ', reversed' : ''}`
  const text = ` q quit  space ${view.paused ? 'resume' : 'pause'}  s sort: ${order}  r reverse  a ${view.all ? 'hide unshared' : 'show unshared'}${where} `
  return [span(text, 'bar')]
}
