/** The clock of a recording: snapshots follow their original times or faster, and it stops at the end. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { StoredItem, Timeline, TimelineEvent } from '../../../../../electron/contract/snapshots.ts'
import { createPlayback, eventsAt, type Playback } from '../../../../../renderer/features/snapshots/playback.ts'
import { createPageStore, type PageStore } from '../../../../../renderer/model/store/store.ts'
import type { EngineClient } from '../../../../../renderer/model/transport/transport.ts'

const kept: StoredItem = {
  id: 'saved/x.ndjson.gz',
  kind: 'recording',
  name: 'x',
  takenAt: null,
  hostname: null,
  sameBoot: true,
  bytes: 1,
  problem: null,
}
const mark = (snapshot: number, kind: TimelineEvent['kind']): TimelineEvent => ({
  snapshot: snapshot,
  kind,
  group: '0000000000000001',
  summary: kind,
})
/** One second apart; between the third and the fourth is a gap of half a minute. */
const timeline: Timeline = {
  takenAt: [0, 1, 2, 32, 33].map((second) => new Date(second * 1000).toISOString()),
  events: [mark(1, 'full'), mark(3, 'left'), mark(3, 'drops')],
  omitted: 0,
  problem: null,
}

let page: PageStore
let playback: Playback
beforeEach(async () => {
  vi.useFakeTimers()
  page = createPageStore()
  playback = createPlayback(page)
  const client = { snapshots: { timeline: async () => timeline } } as unknown as EngineClient
  page.session.setState({ client })
  await playback.showRecording(kept)
})
afterEach(() => {
  vi.useRealTimers()
})

const at = () => playback.state.getState().at
const snapshot = () => page.session.getState().snapshotId

test('it stays at its first snapshot until it is played', () => {
  vi.advanceTimersByTime(10_000)
  expect([at(), snapshot()]).toEqual([0, 'saved/x.ndjson.gz#0'])
})

test('it plays at the original speed, including gaps, and stops at its end', () => {
  playback.togglePlaying()
  vi.advanceTimersByTime(2100)
  expect([at(), snapshot()]).toEqual([2, 'saved/x.ndjson.gz#2'])
  vi.advanceTimersByTime(29_000)
  expect(at()).toBe(2)
  vi.advanceTimersByTime(2_000)
  expect([at(), playback.state.getState().playing]).toEqual([4, false])
})

test('it plays faster, and continues from where the user moves meanwhile', () => {
  playback.state.setState({ speed: 16 })
  playback.togglePlaying()
  vi.advanceTimersByTime(2_300)
  expect(at()).toBe(4)
  playback.togglePlaying()
  expect([at(), playback.state.getState().playing]).toEqual([0, true])
  playback.seek(3)
  playback.state.setState({ speed: 1 })
  vi.advanceTimersByTime(900)
  expect(at()).toBe(3)
  vi.advanceTimersByTime(300)
  expect(at()).toBe(4)
})

test('it moves from event to event, and not beyond the last', () => {
  const places = ['after', 'after', 'after', 'before', 'before'] as const
  expect(
    places.map((direction) => {
      playback.seekEvent(direction)
      return at()
    }),
  ).toEqual([1, 3, 3, 1, 1])
  playback.seekEvent('after')
  expect(eventsAt(playback.state.getState()).map(({ kind }) => kind)).toEqual(['drops', 'left'])
  playback.seek(99)
  expect(at()).toBe(4)
  playback.seek(-1)
  expect(at()).toBe(0)
})

test('it ends when the recording is closed', () => {
  playback.togglePlaying()
  page.source.showLive()
  expect(playback.state.getState()).toMatchObject({ timeline: null, playing: false })
  expect(snapshot()).toBe(null)
})

test('it follows where another screen goes in the recording', () => {
  page.source.openSnapshotAt(3)
  expect([at(), snapshot()]).toEqual([3, 'saved/x.ndjson.gz#3'])
})
