/** Shares over time, counted since the traffic started. */
import { expect, test } from 'vitest'
import { ShareHistory, sharesIn } from '../../../../../renderer/model/lab/share-history.ts'
import { aWorker, someTraffic } from '../../../../doubles/lab.ts'

const at = (counts: readonly number[], startedAt: string | null = null) => ({
  workers: counts.map((received, index) => aWorker(index, { received })),
  traffic: startedAt === null ? null : someTraffic({ startedAt }),
})

test('each total is recorded once, and nothing before the first', () => {
  const history = new ShareHistory()
  history.take(at([0, 0]), 1)
  history.take(at([1, 3]), 2)
  history.take(at([1, 3]), 3)
  expect(history.samples).toEqual([{ at: 2, total: 4, counts: [1, 3] }])
  expect(sharesIn({ at: 2, total: 4, counts: [1, 3] })).toEqual([0.25, 0.75])
})

test('new traffic counts from its own start, and reports that time', () => {
  const history = new ShareHistory()
  const [first, second] = ['2026-01-01T12:00:00.000Z', '2026-01-01T12:05:00.000Z']
  history.take(at([10, 30], first), 1)
  expect(history.from).toBeNull()
  history.take(at([15, 35], second), 2)
  expect(history.samples).toEqual([{ at: 2, total: 10, counts: [5, 5] }])
  expect(history.from).toBe(Date.parse(second))
})

test('a worker that joins has no earlier samples', () => {
  const history = new ShareHistory()
  history.take(at([10, 30], '2026-01-01T12:00:00.000Z'), 1)
  history.take(at([10, 30, 8], '2026-01-01T12:05:00.000Z'), 2)
  expect(history.samples.at(-1)?.counts).toEqual([0, 0, 8])
})

test('a lower total starts again', () => {
  const history = new ShareHistory()
  history.take(at([10, 30]), 1)
  history.take(at([1, 1]), 2)
  expect(history.samples).toEqual([{ at: 2, total: 2, counts: [1, 1] }])
})

test('a long history is thinned out, and keeps its start, its order and its newest sample', () => {
  const history = new ShareHistory()
  for (let count = 1; count <= 10_000; count++) history.take(at([count, count]), count)
  const { samples } = history
  expect(samples.length).toBeLessThanOrEqual(240)
  expect(samples.length).toBeGreaterThan(100)
  expect(samples.at(-1)?.counts).toEqual([10_000, 10_000])
  expect(samples.map((sample) => sample.at)).toEqual(samples.map((sample) => sample.at).toSorted((a, b) => a - b))
})
