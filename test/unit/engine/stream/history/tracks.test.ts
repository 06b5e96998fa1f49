import { expect, test } from 'vitest'
import { type Steps, UNKNOWN } from '../../../../../electron/engine/stream/history/step-rings.ts'
import { Tracks } from '../../../../../electron/engine/stream/history/tracks.ts'

// A multiple of ten seconds.
const START = 1_700_000_000_000
const at = (seconds: number) => START + seconds * 1000
const lostIn = (parts: readonly Steps[]) => parts.flatMap(({ lost }) => lost).reduce((sum, one) => sum + one, 0)

/** Records a loss of one in every second. */
function loseEverySecond(tracks: Tracks, track: number, from: number, to: number): void {
  for (let second = from; second < to; second++) {
    tracks.tick(at(second), 3000)
    tracks.record(track, at(second), second % 1000, 1)
  }
}

test('the last quarter of an hour is in steps of a second, the rest in longer ones, and nothing is counted twice', () => {
  const tracks = new Tracks(1 << 20)
  const track = tracks.begin(at(0), 0)
  if (track === null) throw new Error('no track')
  loseEverySecond(tracks, track, 0, 3000)
  const parts = tracks.read(track, 0, at(2999))
  expect(parts.map(({ stepMs }) => stepMs)).toEqual([10_000, 1000])
  const [coarse, fine] = parts
  expect(fine?.from).toBe((coarse?.from ?? 0) + (coarse?.lost.length ?? 0) * 10_000)
  expect(fine?.lost.length).toBeGreaterThan(880)
  expect(lostIn(parts)).toBe(3000)
  expect(lostIn(tracks.read(track, at(2990), at(2999)))).toBe(10)
})

test('an hour is remembered, and not more', () => {
  const tracks = new Tracks(1 << 20)
  const track = tracks.begin(at(0), 0)
  if (track === null) throw new Error('no track')
  loseEverySecond(tracks, track, 0, 5000)
  expect(lostIn(tracks.read(track, 0, at(4999)))).toBeGreaterThanOrEqual(3590)
  expect(lostIn(tracks.read(track, 0, at(4999)))).toBeLessThanOrEqual(3600)
})

test('the memory never exceeds its limit: steps become longer, and what is in them stays', () => {
  const tracks = new Tracks(4 << 20)
  const first = tracks.begin(at(0), 0)
  if (first === null) throw new Error('no track')
  loseEverySecond(tracks, first, 0, 1000)
  let count = 1
  while (count < 100_000 && tracks.begin(at(1000), 0) !== null) {
    count++
    if (count % 64 === 1) expect(tracks.bytes).toBeLessThanOrEqual(4 << 20)
  }
  expect(count).toBeGreaterThan(5000)
  expect(tracks.stepMs).toBeGreaterThan(1000)
  expect(lostIn(tracks.read(first, 0, at(999)))).toBe(1000)
  tracks.end(first)
  expect(tracks.begin(at(1000), 0)).toBe(first)
})

test('a thousand groups have steps of a second within 12 MB', () => {
  const tracks = new Tracks(12 << 20)
  for (let group = 0; group < 1000; group++) tracks.begin(at(0), 0)
  expect(tracks.stepMs).toBe(1000)
  expect(tracks.bytes).toBeLessThanOrEqual(12 << 20)
})

test('what was lost once, long ago, is in the longer steps although nothing was recorded since', () => {
  const tracks = new Tracks(1 << 20)
  const track = tracks.begin(at(0), 0)
  if (track === null) throw new Error('no track')
  tracks.tick(at(0), 3000)
  tracks.record(track, at(3), 700, 5)
  tracks.record(track, at(5), 100, 2)
  for (let second = 1; second < 1800; second++) tracks.tick(at(second), 3000)
  const [coarse, fine] = tracks.read(track, 0, at(1799))
  expect([coarse?.stepMs, coarse?.lost[0], coarse?.utilization[0]]).toEqual([10_000, 7, 700])
  expect([coarse, fine].map((part) => part?.lost.slice(1).some((lost) => lost > 0))).toEqual([false, false])
})

test('reading changes nothing, whenever it happens, also while steps become longer', () => {
  const [read, unread] = [new Tracks(2 << 20), new Tracks(2 << 20)]
  const begin = (second: number) => {
    const track = read.begin(at(second), 0)
    expect(unread.begin(at(second), 0)).toBe(track)
    return track
  }
  const first = begin(0)
  if (first === null) throw new Error('no track')
  // Pauses of up to a quarter of an hour, and losses that are unknown.
  for (
    let second = 0, turn = 0;
    second < 9000;
    second += (turn * turn * 7) % 31 === 0 ? 800 : (turn * 5) % 13, turn++
  ) {
    const lost = turn % 17 === 0 ? UNKNOWN : turn % 3
    for (const tracks of [read, unread]) {
      tracks.tick(at(second), 3000)
      tracks.record(first, at(second), (turn * 37) % 1001, lost)
    }
    if (turn % 4 === 0) read.read(first, 0, at(second))
    for (let more = 0; turn % 40 === 39 && more < 64; more++) begin(second)
    if (turn % 40 === 39) expect(read.read(first, 0, at(second))).toEqual(unread.read(first, 0, at(second)))
  }
  expect(read.stepMs).toBeGreaterThan(1000)
})
