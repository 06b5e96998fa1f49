import { expect, test } from 'vitest'
import type { Steps } from '../../../../../electron/engine/stream/history/step-rings.ts'
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
