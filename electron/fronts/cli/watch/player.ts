/** A recording on the screen of `watch`, with a timeline to move along. */
import type { Problem } from '../../../contract/errors.ts'
import type { Snapshot } from '../../../contract/model.ts'
import { earlier, groupRow, OpenedRecording, totalsOf } from '../../../engine/snapshots/index.ts'
import type { Context } from '../context.ts'
import { formatCount } from '../format.ts'
import { type Line, line, span } from '../text.ts'
import { truncate } from '../width.ts'
import { openedLines } from './opened.ts'
import { openedPage, openedSize, pageSize, type ScreenSize, visibleRows, watchPage } from './page.ts'
import { emptyState, type WatchState } from './state.ts'
import { afterKey, initialView, type KeyPress, selectedAt, type WatchView } from './view.ts'

const SELECTION = { all: false }

/** Runs until the user quits. Returns the problem that cut the recording short; null where it is complete. */
export async function playOnScreen(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  { openScreen }: Context,
): Promise<Problem | null> {
  const recording = await OpenedRecording.read(name, bytes)
  let view: WatchView = { ...initialView, paused: true }
  let at = 0
  let shown = stateAt(recording, at)
  const ended = new AbortController()

  const below = ({ columns, rows }: ScreenSize): ScreenSize => ({ columns, rows: Math.max(2, rows - 1) })
  const opened = () =>
    view.opened === null
      ? null
      : openedLines(
          view.opened,
          { snapshot: recording.snapshot(at), processes: [] },
          shown.findings,
          screen.size.columns,
        )
  const draw = () => {
    const now = Date.parse(recording.snapshot(at).takenAt)
    const inside = opened()
    const page =
      inside === null
        ? watchPage(shown, view, SELECTION, below(screen.size), now)
        : openedPage(inside.title, inside.lines, view, below(screen.size))
    screen.draw([truncate(timelineLine(recording, at, !view.paused), screen.size.columns), ...page])
  }
  const goTo = (place: number) => {
    at = Math.max(0, Math.min(recording.length - 1, place))
    shown = stateAt(recording, at)
    draw()
  }
  const press = (key: KeyPress) => {
    const places: Record<string, number> = { left: at - 1, right: at + 1, home: 0, end: recording.length - 1 }
    const place = places[key.name]
    const typing = view.filterBefore !== null
    if (!typing && key.name === 'q') return ended.abort()
    if (!typing && place !== undefined) return goTo(place)
    const size = below(screen.size)
    const ids = visibleRows(shown, view, SELECTION).map(({ id }) => id)
    const selected = ids[selectedAt(view, ids)]
    if (!typing && key.name === 'y' && selected !== undefined) return screen.copy(selected)
    const before = view
    const inside = opened()
    const page = inside === null ? pageSize(size) : openedSize(size)
    view = afterKey(view, key, { page, ids, lines: inside?.lines.length ?? 0 })
    if (view !== before) draw()
  }

  using screen = openScreen({ key: press, redraw: draw, quit: () => ended.abort() })
  const clock = setInterval(() => {
    if (view.paused) return
    if (at < recording.length - 1) goTo(at + 1)
    else view = { ...view, paused: true }
  }, stepMs(recording))
  draw()
  await new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve(), { once: true }))
  clearInterval(clock)
  return recording.timeline.problem
}

/** The recorded interval, limited to 100 ms to 1 s. */
function stepMs({ timeline }: OpenedRecording): number {
  const [first, second] = timeline.takenAt
  if (first === undefined || second === undefined) return 1000
  return Math.max(100, Math.min(1000, Date.parse(second) - Date.parse(first)))
}

function timelineLine(recording: OpenedRecording, at: number, running: boolean): Line {
  const { host, takenAt } = recording.snapshot(at)
  const width = 24
  const place = recording.length < 2 ? 0 : Math.round((at / (recording.length - 1)) * (width - 1))
  const bar = Array.from({ length: width }, (_, step) => (step === place ? '|' : '-')).join('')
  return line(
    span(running ? 'Playing ' : 'Not live ', 'warning'),
    span(host.hostname, 'strong'),
    `  ${takenAt}  [${bar}] ${formatCount(at + 1)} of ${formatCount(recording.length)}`,
    span('  left right home end', 'quiet'),
  )
}

function stateAt(recording: OpenedRecording, at: number): WatchState {
  const before = at === 0 ? undefined : recording.snapshot(at - 1)
  const snapshot = recording.snapshot(at)
  const past = before === undefined ? null : earlier(before)
  const rowsOf = (of: Snapshot) => of.groups.map((group) => groupRow(group, of.takenAt, of === snapshot ? past : null))
  const rows = new Map(rowsOf(snapshot).map((row) => [row.id, row]))
  const gone = (before === undefined ? [] : rowsOf(before)).filter((row) => !rows.has(row.id))
  return {
    ...emptyState,
    rows,
    added: new Set(past === null ? [] : [...rows.keys()].filter((id) => !past.groups.has(id))),
    removed: new Map(gone.map((row) => [row.id, row])),
    totals: totalsOf(snapshot),
    namespaces: snapshot.namespaces,
    sampler: {
      refresh: at,
      takenAt: snapshot.takenAt,
      durationMs: snapshot.durationMs,
      intervalMs: 1000,
      requestedIntervalMs: 1000,
      paused: false,
      problem: null,
    },
    loading: false,
    findings: snapshot.findings.map((finding) => ({ ...finding, muted: false })),
  }
}
