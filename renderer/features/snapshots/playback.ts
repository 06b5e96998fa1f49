/** The open recording: its timeline, the current position, and the clock that plays it. */
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { StoredItem, Timeline, TimelineEvent, TimelineEventKind } from '../../../electron/contract/snapshots.ts'
import { problemOf } from '../../model/store/problem.ts'
import { numberOf } from '../../model/store/source.ts'
import type { PageStore } from '../../model/store/store.ts'

/** Playback speeds, as multiples of the original. */
export const SPEEDS = [1, 4, 16, 64] as const
const TICK_MS = 100

export type PlaybackState = {
  /** null until loaded, and while no recording is open. */
  readonly timeline: Timeline | null
  /** Index of the current snapshot. */
  readonly at: number
  readonly playing: boolean
  readonly speed: (typeof SPEEDS)[number]
  readonly problem: Problem | null
}

const nothing: PlaybackState = { timeline: null, at: 0, playing: false, speed: 1, problem: null }

export type Playback = {
  readonly state: StoreApi<PlaybackState>
  /** Opens a recording at one of its snapshots, by default the first, without playing. */
  readonly showRecording: (kept: StoredItem, snapshot?: number) => Promise<void>
  /** Goes to a snapshot, clamped to the ends. */
  readonly seek: (snapshot: number) => void
  /** Plays, from the start if at the end; or pauses. */
  readonly togglePlaying: () => void
  /** Goes to the nearest event before or after the current snapshot. */
  readonly seekEvent: (direction: 'before' | 'after') => void
}

/** Ends when the session shows something else. */
export function createPlayback({ session, source }: Pick<PageStore, 'session' | 'source'>): Playback {
  const state = createStore<PlaybackState>(() => nothing)

  const seek = (snapshot: number) => {
    const { timeline } = state.getState()
    if (timeline === null) return
    const at = Math.max(0, Math.min(timeline.takenAt.length - 1, snapshot))
    state.setState({ at })
    source.openSnapshotAt(at)
  }

  let clock: ReturnType<typeof setInterval> | undefined
  state.subscribe(({ playing }, before) => {
    if (playing === before.playing) return
    clearInterval(clock)
    if (playing) clock = startClock(state, seek)
  })
  session.subscribe(({ source, snapshotId }, before) => {
    if (source !== before.source && source?.kind !== 'recording') state.setState(nothing)
    // Other screens go to a snapshot too.
    const at = snapshotId === before.snapshotId ? null : numberOf(snapshotId)
    if (at !== null && at !== state.getState().at) state.setState({ at })
  })

  return {
    state,
    seek,
    async showRecording(kept, snapshot = 0) {
      state.setState({ ...nothing, at: snapshot })
      source.openStored(kept, snapshot)
      const { client } = session.getState()
      try {
        const timeline = await client?.snapshots.timeline({ id: kept.id })
        if (!timeline || session.getState().source !== kept) return
        state.setState({ timeline })
        // The number may come from an address, and be past the end.
        if (snapshot >= timeline.takenAt.length) seek(snapshot)
      } catch (error) {
        if (session.getState().source === kept) state.setState({ problem: problemOf(error, 'read the timeline') })
      }
    },
    togglePlaying() {
      const { timeline, at, playing } = state.getState()
      if (timeline === null) return
      if (!playing && at === timeline.takenAt.length - 1) seek(0)
      state.setState({ playing: !playing })
    },
    seekEvent(direction) {
      const { timeline, at } = state.getState()
      const event =
        direction === 'after'
          ? timeline?.events.find(({ snapshot }) => snapshot > at)
          : timeline?.events.findLast(({ snapshot }) => snapshot < at)
      if (event) seek(event.snapshot)
    },
  }
}

/** Follows the times at which snapshots were taken, so that gaps in the recording are reproduced. */
function startClock(state: StoreApi<PlaybackState>, seek: (snapshot: number) => void): ReturnType<typeof setInterval> {
  const momentOf = (snapshot: number) => Date.parse(state.getState().timeline?.takenAt[snapshot] ?? '')
  let shownAt = state.getState().at
  let moment = momentOf(shownAt)
  let lastTick = performance.now()
  return setInterval(() => {
    const { timeline, at, speed } = state.getState()
    if (timeline === null) return state.setState({ playing: false })
    const now = performance.now()
    // The user moved meanwhile: continue from there.
    moment = at === shownAt ? moment + (now - lastTick) * speed : momentOf(at)
    lastTick = now
    let next = at
    while (next + 1 < timeline.takenAt.length && momentOf(next + 1) <= moment) next++
    if (next !== at) seek(next)
    shownAt = next
    if (next === timeline.takenAt.length - 1) state.setState({ playing: false })
  }, TICK_MS)
}

const SEVERE: ReadonlySet<TimelineEventKind> = new Set(['full', 'drops'])

/** The events of the current snapshot, most severe first. */
export function eventsAt({ timeline, at }: PlaybackState): readonly TimelineEvent[] {
  const events = timeline?.events.filter(({ snapshot }) => snapshot === at) ?? []
  return events.sort((a, b) => Number(SEVERE.has(b.kind)) - Number(SEVERE.has(a.kind)))
}
