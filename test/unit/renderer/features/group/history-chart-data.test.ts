import { expect, test } from 'vitest'
import { historyChartData } from '../../../../../renderer/features/group/history-chart-data.ts'

const NOW = 1_000_000_000
const sample = (second: number, utilization: number, lost = 0) => ({
  at: NOW + second * 1000,
  utilization,
  lost,
})

const BASE = { samples: [], gaps: [], changes: [], generations: [], windowMs: 900_000, now: NOW }

test('a gap breaks the line, values over the limit are marked, and losses add up', () => {
  const samples = [sample(-20, 100), sample(-19, 1002, 5), sample(-5, 0), sample(-4, -1)]
  const gaps = [{ from: NOW - 18_000, to: NOW - 5000 }]
  const { columns, highest, dropped, droppedSince, ...rest } = historyChartData({ ...BASE, samples, gaps })
  expect(columns[1]).toEqual([10, 100.2, null, 0, null])
  expect(columns[2]).toEqual([null, 100.2, null, null, null])
  expect(highest).toEqual({ percent: 100.2, at: NOW - 19_000 })
  expect([dropped, droppedSince]).toEqual([5, NOW - 19_000])
  expect(rest.gaps).toEqual(gaps)
})

test('it spans what is known: at least a minute, at most the window, and counts only what is in it', () => {
  expect(historyChartData({ ...BASE, samples: [sample(-3, 0)] }).from).toBe(NOW - 60_000)
  const long = historyChartData({ ...BASE, samples: [sample(-2000, 0, 9), sample(-1, 0, 2)] })
  expect([long.from, long.dropped]).toEqual([NOW - 900_000, 2])
})

test('membership changes are marks, generations are bands that start with their processes', () => {
  const changes = [
    { at: NOW - 50_000, from: 0, to: 20 },
    { at: NOW - 30_000, from: 20, to: 16 },
  ]
  const generation = { startedAt: NOW - 30_000, until: NOW - 29_000, processes: 16, members: 16 }
  const { marks, bands } = historyChartData({ ...BASE, samples: [sample(-50, 0)], changes, generations: [generation] })
  expect(marks).toEqual([{ at: NOW - 30_000, from: 20, to: 16 }])
  expect(bands).toEqual([{ start: NOW - 30_000, end: NOW, generation }])
})
