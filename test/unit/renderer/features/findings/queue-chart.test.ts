import { expect, test } from 'vitest'
import { queueChartData } from '../../../../../renderer/features/findings/queue-chart.tsx'

const sample = (at: number, utilization: number, lost = 0) => ({ at, utilization, lost })

test('the line rises to the limit, values over it form an area, and drops add up', () => {
  const { line, area, highest, dropped } = queueChartData(
    [sample(0, 0), sample(1000, 500), sample(2000, 1002, 10), sample(3000, 1002, 5)],
    0,
    60_000,
    1000,
  )
  expect(line.match(/[ML]/g)).toEqual(['M', 'L', 'L', 'L'])
  expect(area.match(/M/g)).toHaveLength(1)
  expect(highest).toBe(1002)
  expect(dropped).toBe(15)
})

test('a gap and an unknown utilization break the line', () => {
  const { line, highest } = queueChartData(
    [sample(0, 0), sample(9000, 10), sample(10_000, -1), sample(11_000, 20)],
    0,
    60_000,
    1000,
  )
  expect(line.match(/[ML]/g)).toEqual(['M', 'M', 'M'])
  expect(highest).toBe(20)
})

test('without samples there is no number', () => {
  expect(queueChartData([], 0, 60_000, 1000)).toEqual({ line: '', area: '', highest: null, dropped: 0 })
})
