/** Shares over time: of what came since the traffic began, and never of more than was kept. */
import { expect, test } from 'vitest'
import { ShareHistory, sharesIn } from '../../../../renderer/lab/share-history.ts'
import { aWorker, someTraffic } from '../../../doubles/lab.ts'

const at = (counts: readonly number[], startedAt: string | null = null) => ({
  workers: counts.map((received, index) => aWorker(index, { received })),
  traffic: startedAt === null ? null : someTraffic({ startedAt }),
})

test('what came is kept once, and nothing before anything came', () => {
  const history = new ShareHistory()
  history.take(at([0, 0]), 1)
  history.take(at([1, 3]), 2)
  history.take(at([1, 3]), 3)
  expect(history.samples).toEqual([{ at: 2, total: 4, counts: [1, 3] }])
  expect(sharesIn({ at: 2, total: 4, counts: [1, 3] })).toEqual([0.25, 0.75])
})

test('a second traffic counts from its own beginning, and says since when', () => {
  const history = new ShareHistory()
  const [first, second] = ['2026-01-01T12:00:00.000Z', '2026-01-01T12:05:00.000Z']
  history.take(at([10, 30], first), 1)
  expect(history.from).toBeNull()
  history.take(at([15, 35], second), 2)
  expect(history.samples).toEqual([{ at: 2, total: 10, counts: [5, 5] }])
  expect(history.from).toBe(Date.parse(second))
})

test('a worker that joins has nothing before', () => {
  const history = new ShareHistory()
  history.take(at([10, 30], '2026-01-01T12:00:00.000Z'), 1)
  history.take(at([10, 30, 8], '2026-01-01T12:05:00.000Z'), 2)
  expect(history.samples.at(-1)?.counts).toEqual([0, 0, 8])
})

test('less than before begins anew', () => {
  const history = new ShareHistory()
  history.take(at([10, 30]), 1)
  history.take(at([1, 1]), 2)
  expect(history.samples).toEqual([{ at: 2, total: 2, counts: [1, 1] }])
})

test('a long one is thinned out, and keeps its beginning’s place, its order and its newest', () => {
  const history = new ShareHistory()
  for (let count = 1; count <= 10_000; count++) history.take(at([count, count]), count)
  const { samples } = history
  expect(samples.length).toBeLessThanOrEqual(240)
  expect(samples.length).toBeGreaterThan(100)
  expect(samples.at(-1)?.counts).toEqual([10_000, 10_000])
  expect(samples.map((sample) => sample.at)).toEqual(samples.map((sample) => sample.at).toSorted((a, b) => a - b))
})
