import { expect, test } from 'vitest'
import { historyChartData } from '../../../../../renderer/features/group/history-chart-data.ts'

const NOW = 1_000_000_000
const sample = (second: number, utilization: number, dropsPerSecond = 0) => ({
  at: NOW + second * 1000,
  utilization,
  dropsPerSecond,
})

test('a gap breaks the line, values over the limit are marked, and rates add up', () => {
  const samples = [sample(-20, 100), sample(-19, 1002, 5), sample(-5, 0), sample(-4, -1)]
  const { columns, highest, dropped, droppedSince } = historyChartData(samples, [], [], 1000, 900_000, NOW)
  expect(columns[1]).toEqual([10, 100.2, null, 0, null])
  expect(columns[2]).toEqual([null, 100.2, null, null, null])
  expect(highest).toEqual({ percent: 100.2, at: NOW - 19_000 })
  expect([dropped, droppedSince]).toEqual([5, NOW - 19_000])
})

test('it spans the recorded history: at least a minute, at most the window', () => {
  expect(historyChartData([sample(-3, 0)], [], [], 1000, 900_000, NOW).from).toBe(NOW - 60_000)
  expect(historyChartData([sample(-2000, 0)], [], [], 1000, 900_000, NOW).from).toBe(NOW - 900_000)
})

test('membership changes are marks, generations are bands that start with their processes', () => {
  const changes = [
    { at: NOW - 50_000, members: 20 },
    { at: NOW - 30_000, members: 16 },
  ]
  const generation = { startedAt: NOW - 30_000, until: NOW - 29_000, processes: 16, members: 16 }
  const { marks, bands } = historyChartData([sample(-50, 0)], changes, [generation], 1000, 900_000, NOW)
  expect(marks).toEqual([{ at: NOW - 30_000, from: 20, to: 16 }])
  expect(bands).toEqual([{ start: NOW - 30_000, end: NOW, generation }])
})
