/** The live table as lines for a screen of a given size. Pure. */
import type { Selection } from '../../../contract/contract.ts'
import type { GroupRow } from '../../../contract/live.ts'
import { formatProblem } from '../failure.ts'
import { formatCount, pluralize } from '../format.ts'
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
  cell: ({ dropsPerSecond }) => {
    if (dropsPerSecond === null) return [unknown]
    if (dropsPerSecond > 0 && dropsPerSecond < 10) return line(span(dropsPerSecond.toFixed(1), 'bad'))
    return line(span(formatCount(Math.round(dropsPerSecond)), dropsPerSecond > 0 ? 'bad' : 'quiet'))
  },
}

function heading({ totals, sampler }: WatchState, shown: number, now: number): Line {
  if (totals === null || sampler === null) return line('Reading sockets …')
  const parts: (Span | string)[] = [
    span(pluralize(shown, 'group'), 'strong'),
    span(`  ${pluralize(totals.sockets, 'socket')}, ${formatCount(totals.unshared)} unshared`, 'quiet'),
    span(`  read in ${pluralize(Math.max(1, Math.round(sampler.durationMs)), 'ms', 'ms')}`, 'quiet'),
  ]
  if (sampler.takenAt !== null) {
    const age = Math.max(0, now - Date.parse(sampler.takenAt)) / 1000
    parts.push(span(`  ${age < 10 ? age.toFixed(1) : formatCount(Math.round(age))} s old`, 'quiet'))
  }
  if (sampler.paused) parts.push('  ', span('paused', 'warning'))
  else if (sampler.intervalMs > sampler.requestedIntervalMs) {
    parts.push(span(`  every ${(sampler.intervalMs / 1000).toFixed(1)} s, because refreshes are slow`, 'warning'))
  }
  return parts.map((part) => (typeof part === 'string' ? span(part) : part))
}

function notice({ totals, sampler }: WatchState): Line {
  if (sampler !== null && sampler.problem !== null) return line(span(formatProblem(sampler.problem), 'warning'))
  if (totals !== null && totals.ownersHidden > 0) {
    return line(
      span(`Owners of ${pluralize(totals.ownersHidden, 'socket')} are hidden; \`doctor\` shows why.`, 'quiet'),
    )
  }
  return []
}

function emptyMessage({ totals }: WatchState): string {
  return totals === null ? '' : 'No group matches. Press a to include unshared sockets.'
}

function keys(view: WatchView, at: { top: number; shown: number; total: number }): Line {
  const where =
    at.shown < at.total
      ? `  ${formatCount(at.top + 1)}–${formatCount(at.top + at.shown)} of ${formatCount(at.total)}`
      : ''
  const order = `${view.sort}${view.reversed ? ', reversed' : ''}`
  const text = ` q quit  space ${view.paused ? 'resume' : 'pause'}  s sort: ${order}  r reverse  a ${view.all ? 'hide unshared' : 'show unshared'}${where} `
  return [span(text, 'bar')]
}
