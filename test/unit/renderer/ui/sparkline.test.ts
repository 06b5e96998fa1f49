import { expect, test } from 'vitest'
import { sparkPath, unknownPath } from '../../../../renderer/ui/sparkline.tsx'

const sample = (at: number, utilization: number) => ({ at, utilization, dropsPerSecond: 0 })

test('the time before the first sample is marked as unknown, up to the start of the line', () => {
  const samples = [sample(30_000, 0), sample(31_000, 0)]
  expect(unknownPath(samples, 0, 60_000)).toBe('M0 16.5H40.0')
  expect(sparkPath(samples, 0, 60_000, 1000)).toBe('M40.0 16.5L41.3 16.5')
})

test('a queue without a limit is unknown', () => {
  expect(unknownPath([sample(0, -1)], 0, 60_000)).toBe('M0 16.5H80.0')
  expect(unknownPath([], 0, 60_000)).toBe('M0 16.5H80.0')
})

test('a line that starts at the left has nothing before it', () => {
  expect(unknownPath([sample(900, 0)], 0, 60_000)).toBe('')
})
