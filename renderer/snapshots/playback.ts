/** The open recording: its timeline, the current position, and the clock that plays it. */
import { create } from 'zustand'
import type { Problem } from '../../electron/contract/errors.ts'
import type { Kept, Mark, MarkKind, Timeline } from '../../electron/contract/snapshots.ts'
import { problemOf } from '../store/problem.ts'
import { useSession } from '../store/session.ts'
import { showKept, showPicture } from '../store/shown.ts'

/** Playback speeds, as multiples of the original. */
export const SPEEDS = [1, 4, 16, 64] as const
const TICK_MS = 100

type Playback = {
  /** null until loaded, and while no recording is open. */
  readonly timeline: Timeline | null
  /** Index of the current snapshot. */
  readonly at: number
  readonly playing: boolean
  readonly speed: (typeof SPEEDS)[number]
  readonly problem: Problem | null
}

const nothing: Playback = { timeline: null, at: 0, playing: false, speed: 1, problem: null }

export const usePlayback = create<Playback>(() => nothing)

/** Opens a recording at its first snapshot, without playing. */
export async function showRecording(kept: Kept): Promise<void> {
  usePlayback.setState(nothing)
  showKept(kept)
  const { client } = useSession.getState()
  try {
    const timeline = await client?.snapshots.timeline({ id: kept.id })
    if (timeline && useSession.getState().shown === kept) usePlayback.setState({ timeline })
  } catch (error) {
    if (useSession.getState().shown === kept) usePlayback.setState({ problem: problemOf(error, 'read the timeline') })
  }
}

/** Goes to a snapshot, clamped to the ends. */
export function seek(picture: number): void {
  const { timeline } = usePlayback.getState()
  if (timeline === null) return
  const at = Math.max(0, Math.min(timeline.takenAt.length - 1, picture))
  usePlayback.setState({ at })
  showPicture(at)
}

/** Plays, from the start if at the end; or pauses. */
export function togglePlaying(): void {
  const { timeline, at, playing } = usePlayback.getState()
  if (timeline === null) return
  if (!playing && at === timeline.takenAt.length - 1) seek(0)
  usePlayback.setState({ playing: !playing })
}

/** Goes to the nearest event before or after the current snapshot. */
export function seekMark(direction: 'before' | 'after'): void {
  const { timeline, at } = usePlayback.getState()
  const mark =
    direction === 'after'
      ? timeline?.marks.find(({ picture }) => picture > at)
      : timeline?.marks.findLast(({ picture }) => picture < at)
  if (mark) seek(mark.picture)
}

const GRAVE: ReadonlySet<MarkKind> = new Set(['filled', 'dropped'])

/** The events of the current snapshot, most severe first. */
export function marksAt({ timeline, at }: Playback): readonly Mark[] {
  const marks = timeline?.marks.filter(({ picture }) => picture === at) ?? []
  return marks.sort((a, b) => Number(GRAVE.has(b.kind)) - Number(GRAVE.has(a.kind)))
}

/** Connects the clock to the session. Call once. */
export function startPlayback(): void {
  let clock: ReturnType<typeof setInterval> | undefined
  usePlayback.subscribe(({ playing }, before) => {
    if (playing === before.playing) return
    clearInterval(clock)
    if (playing) clock = startClock()
  })
  useSession.subscribe(({ shown }, before) => {
    if (shown !== before.shown && shown?.kind !== 'recording') usePlayback.setState(nothing)
  })
}

/** Follows the times at which snapshots were taken, so that gaps in the recording are reproduced. */
function startClock(): ReturnType<typeof setInterval> {
  let shownAt = usePlayback.getState().at
  let moment = momentOf(shownAt)
  let told = performance.now()
  return setInterval(() => {
    const { timeline, at, speed } = usePlayback.getState()
    if (timeline === null) return usePlayback.setState({ playing: false })
    const now = performance.now()
    // The user moved meanwhile: continue from there.
    moment = at === shownAt ? moment + (now - told) * speed : momentOf(at)
    told = now
    let next = at
    while (next + 1 < timeline.takenAt.length && momentOf(next + 1) <= moment) next++
    if (next !== at) seek(next)
    shownAt = next
    if (next === timeline.takenAt.length - 1) usePlayback.setState({ playing: false })
  }, TICK_MS)
}

function momentOf(picture: number): number {
  return Date.parse(usePlayback.getState().timeline?.takenAt[picture] ?? '')
}
