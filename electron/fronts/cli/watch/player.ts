/** A recording on the screen of `watch`, with a time line to go back and forth on. */
import type { Snapshot } from '../../../contract/model.ts'
import type { RecordingEnd } from '../../../engine/snapshots/recording-file.ts'
import { earlier, groupRow, totalsOf } from '../../../engine/snapshots/rows.ts'
import type { Context } from '../context.ts'
import { type Line, line, span } from '../text.ts'
import { truncate } from '../width.ts'
import { count } from '../words.ts'
import { pageSize, type ScreenSize, visibleRows, watchPage } from './page.ts'
import { nothingYet, type WatchPicture } from './picture.ts'
import { afterKey, initialView, type WatchView } from './view.ts'

const SELECTION = { all: false }

/** Runs until the person leaves. Pictures are kept as they are read: they share what did not change. */
export async function playOnScreen(
  pictures: AsyncGenerator<Snapshot, RecordingEnd>,
  { openScreen }: Context,
): Promise<RecordingEnd> {
  const kept: Snapshot[] = []
  let end: RecordingEnd = { frames: 0, problem: null }
  for (;;) {
    const next = await pictures.next()
    if (next.done) {
      end = next.value
      break
    }
    kept.push(next.value)
  }
  let view: WatchView = { ...initialView, paused: true }
  let at = 0
  let shown = pictureAt(kept, at)
  const ended = new AbortController()

  const below = ({ columns, rows }: ScreenSize): ScreenSize => ({ columns, rows: Math.max(2, rows - 1) })
  const draw = () => {
    const now = Date.parse(kept[at]?.takenAt ?? '')
    const page = watchPage(shown, view, SELECTION, below(screen.size), now)
    screen.draw([truncate(timeLine(kept, at, !view.paused), screen.size.columns), ...page])
  }
  const goTo = (place: number) => {
    at = Math.max(0, Math.min(kept.length - 1, place))
    shown = pictureAt(kept, at)
    draw()
  }
  const press = (name: string) => {
    const places: Record<string, number> = { left: at - 1, right: at + 1, home: 0, end: kept.length - 1 }
    const place = places[name]
    if (name === 'q') return ended.abort()
    if (place !== undefined) return goTo(place)
    const before = view
    view = afterKey(view, name, {
      page: pageSize(below(screen.size)),
      total: visibleRows(shown, view, SELECTION).length,
    })
    if (view !== before) draw()
  }

  using screen = openScreen({ key: press, redraw: draw, quit: () => ended.abort() })
  const clock = setInterval(() => {
    if (view.paused) return
    if (at < kept.length - 1) goTo(at + 1)
    else view = { ...view, paused: true }
  }, stepMs(kept))
  draw()
  await new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve(), { once: true }))
  clearInterval(clock)
  return end
}

/** As fast as it was recorded, within what an eye follows. */
function stepMs(kept: readonly Snapshot[]): number {
  const [first, second] = kept
  if (first === undefined || second === undefined) return 1000
  return Math.max(100, Math.min(1000, Date.parse(second.takenAt) - Date.parse(first.takenAt)))
}

function timeLine(kept: readonly Snapshot[], at: number, running: boolean): Line {
  const picture = kept[at]
  const width = 24
  const place = kept.length < 2 ? 0 : Math.round((at / (kept.length - 1)) * (width - 1))
  const bar = Array.from({ length: width }, (_, step) => (step === place ? '|' : '-')).join('')
  return line(
    span(running ? 'Playing ' : 'Not live ', 'warning'),
    span(picture?.host.hostname ?? '', 'strong'),
    `  ${picture?.takenAt ?? ''}  [${bar}] ${count(at + 1)} of ${count(kept.length)}`,
    span('  left right home end', 'quiet'),
  )
}

function pictureAt(kept: readonly Snapshot[], at: number): WatchPicture {
  const snapshot = kept[at]
  if (snapshot === undefined) return nothingYet
  const before = kept[at - 1]
  const past = before === undefined ? null : earlier(before)
  const rowsOf = (of: Snapshot) => of.groups.map((group) => groupRow(group, of.takenAt, of === snapshot ? past : null))
  const rows = new Map(rowsOf(snapshot).map((row) => [row.id, row]))
  const gone = (before === undefined ? [] : rowsOf(before)).filter((row) => !rows.has(row.id))
  return {
    ...nothingYet,
    rows,
    fresh: new Set(past === null ? [] : [...rows.keys()].filter((id) => !past.groups.has(id))),
    gone: new Map(gone.map((row) => [row.id, row])),
    totals: totalsOf(snapshot),
    namespaces: snapshot.namespaces,
    sampling: {
      refresh: at,
      takenAt: snapshot.takenAt,
      durationMs: snapshot.durationMs,
      intervalMs: 1000,
      askedIntervalMs: 1000,
      paused: false,
      problem: null,
    },
    filling: false,
  }
}
