/** The recording that is shown: its time line, where on it the person is, and the clock that plays it. */
import { create } from 'zustand'
import type { Problem } from '../../electron/contract/errors.ts'
import type { Kept, Mark, MarkKind, Timeline } from '../../electron/contract/snapshots.ts'
import { problemOf } from '../store/problem.ts'
import { useSession } from '../store/session.ts'
import { showKept, showPicture } from '../store/shown.ts'

/** Times as fast as it was recorded. */
export const SPEEDS = [1, 4, 16, 64] as const
const TICK_MS = 100

type Playback = {
  /** null until it is there, and while no recording is shown. */
  readonly timeline: Timeline | null
  /** Number of the picture that is shown. */
  readonly at: number
  readonly playing: boolean
  readonly speed: (typeof SPEEDS)[number]
  readonly problem: Problem | null
}

const nothing: Playback = { timeline: null, at: 0, playing: false, speed: 1, problem: null }

export const usePlayback = create<Playback>(() => nothing)

/** Shows a recording from its first picture on. It does not play until it is told to. */
export async function showRecording(kept: Kept): Promise<void> {
  usePlayback.setState(nothing)
  showKept(kept)
  const { client } = useSession.getState()
  try {
    const timeline = await client?.snapshots.timeline({ id: kept.id })
    if (timeline && useSession.getState().shown === kept) usePlayback.setState({ timeline })
  } catch (error) {
    if (useSession.getState().shown === kept) usePlayback.setState({ problem: problemOf(error, 'the time line') })
  }
}

/** Goes to a picture; what is beyond an end is the end. */
export function seek(picture: number): void {
  const { timeline } = usePlayback.getState()
  if (timeline === null) return
  const at = Math.max(0, Math.min(timeline.takenAt.length - 1, picture))
  usePlayback.setState({ at })
  showPicture(at)
}

/** Plays, from the start where it is at its end; or stops. */
export function togglePlaying(): void {
  const { timeline, at, playing } = usePlayback.getState()
  if (timeline === null) return
  if (!playing && at === timeline.takenAt.length - 1) seek(0)
  usePlayback.setState({ playing: !playing })
}

/** Goes to the nearest picture before or after this one at which something happened. */
export function seekMark(direction: 'before' | 'after'): void {
  const { timeline, at } = usePlayback.getState()
  const mark =
    direction === 'after'
      ? timeline?.marks.find(({ picture }) => picture > at)
      : timeline?.marks.findLast(({ picture }) => picture < at)
  if (mark) seek(mark.picture)
}

const GRAVE: ReadonlySet<MarkKind> = new Set(['filled', 'dropped'])

/** What happened at the picture that is shown, the gravest first. */
export function marksAt({ timeline, at }: Playback): readonly Mark[] {
  const marks = timeline?.marks.filter(({ picture }) => picture === at) ?? []
  return marks.sort((a, b) => Number(GRAVE.has(b.kind)) - Number(GRAVE.has(a.kind)))
}

/** Connects the clock to the session. To be called once. */
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

/** Runs through the times at which pictures were taken, so that a pause in the recording is one here. */
function startClock(): ReturnType<typeof setInterval> {
  let shownAt = usePlayback.getState().at
  let moment = momentOf(shownAt)
  let told = performance.now()
  return setInterval(() => {
    const { timeline, at, speed } = usePlayback.getState()
    if (timeline === null) return usePlayback.setState({ playing: false })
    const now = performance.now()
    // Somebody went elsewhere meanwhile: it goes on from there.
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
