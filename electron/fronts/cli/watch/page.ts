/** The live table as lines for a screen of a given size. Pure. */
import type { Selection } from '../../../contract/contract.ts'
import { matcher } from '../../../contract/filter/filter.ts'
import { parseFilter } from '../../../contract/filter/parse.ts'
import { groupSubject } from '../../../contract/filter/subjects.ts'
import { namespaceNames } from '../../../contract/format.ts'
import type { GroupRow } from '../../../contract/live.ts'
import { formatProblem } from '../failure.ts'
import { formatCount, pluralize } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { groupColumns } from '../listing/group-columns.ts'
import { type Troubles, troublesOf } from '../listing/trouble.ts'
import { unknown } from '../tables/cells.ts'
import { type Line, line, type Span, span } from '../text.ts'
import { truncate } from '../width.ts'
import { findingsNotice, type WatchedFinding } from './panels.ts'
import { rowTest, type WatchState } from './state.ts'
import { selectedAt, sorted, type WatchView } from './view.ts'

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
  const isSelected = rowTest(asked, state.namespaces)
  const passes = filterTest(state, view)
  return sorted(
    rows.filter((row) => isSelected(row) && passes(row)),
    view,
  )
}

function filterTest({ findings, namespaces, sampler }: WatchState, { filter }: WatchView): (row: GroupRow) => boolean {
  const { terms } = parseFilter(filter)
  if (terms.length === 0) return () => true
  const test = matcher(terms)
  const found = new Map<string, WatchedFinding[]>()
  for (const finding of findings) found.set(finding.group, [...(found.get(finding.group) ?? []), finding])
  const nameOf = namespaceNames(namespaces)
  const takenAt = sampler?.takenAt == null ? Date.now() : Date.parse(sampler.takenAt)
  return (row) => test(groupSubject(row, found.get(row.id) ?? [], nameOf(row.netns), takenAt))
}

/** What is open in place of the table: a title, as many lines as fit, the keys. */
export function openedPage(title: Line, lines: readonly Line[], view: WatchView, size: ScreenSize): Line[] {
  const page = openedSize(size)
  const top = Math.max(0, Math.min(view.scrolled, lines.length - page))
  const shown = [title, [], ...lines.slice(top, top + page)]
  while (shown.length < size.rows - 1) shown.push([])
  shown.splice(Math.max(0, size.rows - 1))
  const where = lines.length > page ? `  ${top + 1}–${Math.min(lines.length, top + page)} of ${lines.length}` : ''
  shown.push([span(` q quit  esc back  space ${view.paused ? 'resume' : 'pause'}  up down scroll${where} `, 'bar')])
  return shown.slice(-size.rows).map((text) => truncate(text, size.columns))
}

/** How many lines of what is open fit. */
export function openedSize({ rows }: ScreenSize): number {
  return Math.max(1, rows - 3)
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
  const at = selectedAt(
    view,
    rows.map(({ id }) => id),
  )
  // The selected row stays visible when others come and go.
  const wanted = Math.max(Math.min(view.top, at), at - page + 1)
  const top = Math.max(0, Math.min(wanted, rows.length - page))
  const shown = rows.slice(top, top + page)
  const troubles = troublesOf(state.findings)
  // Over all rows, not only the visible ones, so that scrolling does not move columns.
  const columns: Column<GroupRow>[] = [
    { title: ' ', priority: 101, cell: (row) => changeMark(row, state, row === rows[at], troubles) },
    ...groupColumns(rows, { namespaces: state.namespaces, owners: true, troubles }).map((column) => {
      if (column.title === 'DROPS') return dropsPerSecond
      // The mark before the row says the trouble too, and how a port is shared does not change: what changes matters more.
      return { TROUBLE: { ...column, priority: 40 }, SHARING: { ...column, priority: 65 } }[column.title] ?? column
    }),
  ]
  const lines = [
    heading(state, rows.length, now),
    notice(state),
    ...(rows.length === 0
      ? [line(emptyMessage(state, view))]
      : table(columns, shown, size.columns).map((text, row) => (row === at - top + 1 ? asSelected(text) : text))),
  ]
  while (lines.length < size.rows - 1) lines.push([])
  lines.splice(Math.max(0, size.rows - 1))
  lines.push(
    view.filterBefore === null ? keys(view, { top, shown: shown.length, total: rows.length }) : filterLine(view),
  )
  return lines.slice(-size.rows).map((text) => truncate(text, size.columns))
}

function changeMark(row: GroupRow, state: WatchState, selected: boolean, troubles: Troubles): Line {
  if (state.removed.has(row.id)) return line(span('-', 'bad'))
  if (state.added.has(row.id)) return line(span('+', 'good'))
  if (selected) return line('>')
  const trouble = troubles.get(row.id)
  return line(trouble === undefined ? ' ' : span('!', trouble.severity === 'critical' ? 'bad' : 'warning'))
}

/** Inverted; without color the sign at its beginning says it. */
function asSelected(text: Line): Line {
  return text.map((part) => ({ ...part, tone: 'bar' as const }))
}

/** The filter while it is typed, or what is wrong with it. */
function filterLine({ filter }: WatchView): Line {
  const wrong = parseFilter(filter).terms.find(({ error }) => error !== null)
  return line(
    span(` / ${filter}_ `, 'bar'),
    wrong === undefined ? '  enter keeps, esc cancels' : span(`  ${wrong.error}`, 'bad'),
  )
}

const dropsPerSecond: Column<GroupRow> = {
  title: 'DROPS/S',
  align: 'right',
  priority: 89,
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

function notice({ totals, sampler, findings }: WatchState): Line {
  if (sampler !== null && sampler.problem !== null) return line(span(formatProblem(sampler.problem), 'warning'))
  const found = findingsNotice(findings)
  if (found.length > 0) return found
  if (totals !== null && totals.ownersHidden > 0) {
    return line(
      span(`Owners of ${pluralize(totals.ownersHidden, 'socket')} are hidden; \`doctor\` shows why.`, 'quiet'),
    )
  }
  return []
}

function emptyMessage({ totals }: WatchState, { filter }: WatchView): string {
  if (totals !== null && filter !== '') return `No group matches ${filter}: Esc clears the filter.`
  return totals === null ? '' : 'No group matches. Press a to include unshared sockets.'
}

function keys(view: WatchView, at: { top: number; shown: number; total: number }): Line {
  const where =
    at.shown < at.total
      ? `  ${formatCount(at.top + 1)}–${formatCount(at.top + at.shown)} of ${formatCount(at.total)}`
      : ''
  const order = `${view.sort}${view.reversed ? ', reversed' : ''}`
  const filter = view.filter === '' ? '/ filter' : `/ ${view.filter}`
  const text = ` q quit  ? keys  ${filter}  space ${view.paused ? 'resume' : 'pause'}  s sort: ${order}  a ${view.all ? 'hide unshared' : 'show unshared'}${where} `
  return [span(text, 'bar')]
}
