/** The open recording: its timeline, the current position, and the clock that plays it. */
import { create } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { StoredItem, Timeline, TimelineEvent, TimelineEventKind } from '../../../electron/contract/snapshots.ts'
import { problemOf } from '../../model/store/problem.ts'
import { useSession } from '../../model/store/session.ts'
import { openSnapshotAt, openStored } from '../../model/store/source.ts'

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
export async function showRecording(kept: StoredItem): Promise<void> {
  usePlayback.setState(nothing)
  openStored(kept)
  const { client } = useSession.getState()
  try {
    const timeline = await client?.snapshots.timeline({ id: kept.id })
    if (timeline && useSession.getState().source === kept) usePlayback.setState({ timeline })
  } catch (error) {
    if (useSession.getState().source === kept) usePlayback.setState({ problem: problemOf(error, 'read the timeline') })
  }
}

/** Goes to a snapshot, clamped to the ends. */
export function seek(snapshot: number): void {
  const { timeline } = usePlayback.getState()
  if (timeline === null) return
  const at = Math.max(0, Math.min(timeline.takenAt.length - 1, snapshot))
  usePlayback.setState({ at })
  openSnapshotAt(at)
}

/** Plays, from the start if at the end; or pauses. */
export function togglePlaying(): void {
  const { timeline, at, playing } = usePlayback.getState()
  if (timeline === null) return
  if (!playing && at === timeline.takenAt.length - 1) seek(0)
  usePlayback.setState({ playing: !playing })
}

/** Goes to the nearest event before or after the current snapshot. */
export function seekEvent(direction: 'before' | 'after'): void {
  const { timeline, at } = usePlayback.getState()
  const event =
    direction === 'after'
      ? timeline?.events.find(({ snapshot }) => snapshot > at)
      : timeline?.events.findLast(({ snapshot }) => snapshot < at)
  if (event) seek(event.snapshot)
}

const SEVERE: ReadonlySet<TimelineEventKind> = new Set(['full', 'drops'])

/** The events of the current snapshot, most severe first. */
export function eventsAt({ timeline, at }: Playback): readonly TimelineEvent[] {
  const events = timeline?.events.filter(({ snapshot }) => snapshot === at) ?? []
  return events.sort((a, b) => Number(SEVERE.has(b.kind)) - Number(SEVERE.has(a.kind)))
}

/** Connects the clock to the session. Call once. */
export function startPlayback(): void {
  let clock: ReturnType<typeof setInterval> | undefined
  usePlayback.subscribe(({ playing }, before) => {
    if (playing === before.playing) return
    clearInterval(clock)
    if (playing) clock = startClock()
  })
  useSession.subscribe(({ source }, before) => {
    if (source !== before.source && source?.kind !== 'recording') usePlayback.setState(nothing)
  })
}

/** Follows the times at which snapshots were taken, so that gaps in the recording are reproduced. */
function startClock(): ReturnType<typeof setInterval> {
  let shownAt = usePlayback.getState().at
  let moment = momentOf(shownAt)
  let lastTick = performance.now()
  return setInterval(() => {
    const { timeline, at, speed } = usePlayback.getState()
    if (timeline === null) return usePlayback.setState({ playing: false })
    const now = performance.now()
    // The user moved meanwhile: continue from there.
    moment = at === shownAt ? moment + (now - lastTick) * speed : momentOf(at)
    lastTick = now
    let next = at
    while (next + 1 < timeline.takenAt.length && momentOf(next + 1) <= moment) next++
    if (next !== at) seek(next)
    shownAt = next
    if (next === timeline.takenAt.length - 1) usePlayback.setState({ playing: false })
  }, TICK_MS)
}

function momentOf(snapshot: number): number {
  return Date.parse(usePlayback.getState().timeline?.takenAt[snapshot] ?? '')
}
