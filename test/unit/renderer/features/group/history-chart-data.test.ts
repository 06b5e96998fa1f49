import { expect, test } from 'vitest'
import { historyChartData } from '../../../../../renderer/features/group/history-chart-data.ts'
import { anEvent } from '../../../../doubles/memory.ts'

const NOW = 1_000_000_000
const sample = (second: number, utilization: number, lost = 0) => ({
  at: NOW + second * 1000,
  utilization,
  lost,
})

const BASE = { samples: [], gaps: [], changes: [], events: [], generations: [], range: '15m' as const, now: NOW }

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

test('a part of the past is shown as it was chosen, with what is in it', () => {
  const samples = [sample(-90, 10, 1), sample(-60, 20, 2), sample(-45, 1002, 4), sample(-20, 30, 8)]
  const changes = [sample(-70, 0), sample(-50, 0)].map(({ at }) => ({ at, from: 4, to: 2 }))
  const event = (id: number, second: number, kind: 'raised' | 'joined') =>
    anEvent({ id, kind, at: new Date(NOW + second * 1000).toISOString() })
  const data = historyChartData({
    ...BASE,
    samples,
    changes,
    events: [event(3, -10, 'raised'), event(2, -44, 'raised'), event(1, -46, 'joined')],
    gaps: [
      { from: NOW - 88_000, to: NOW - 70_000 },
      { from: NOW - 50_000, to: NOW - 47_000 },
    ],
    range: { from: NOW - 65_000, to: NOW - 30_000 },
  })
  expect([data.from, data.to, data.dropped, data.marks.length]).toEqual([NOW - 65_000, NOW - 30_000, 6, 1])
  expect(data.columns[3]).toEqual([2, null, 4])
  expect(data.events.map(({ id }) => id)).toEqual([2])
  expect(data.gaps).toHaveLength(1)
})
