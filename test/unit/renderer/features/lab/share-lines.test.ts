/** The share lines: the even share, the range of the chart, and when lines become a band. */
import { expect, test } from 'vitest'
import {
  LINES_HEIGHT,
  LINES_WIDTH,
  MAX_LINES,
  percent,
  shareLines,
  sharesText,
} from '../../../../../renderer/features/lab/share-lines.ts'
import type { ShareSample } from '../../../../../renderer/model/lab/share-history.ts'

const sample = (...counts: number[]): ShareSample => ({
  at: 0,
  total: counts.reduce((sum, count) => sum + count, 0),
  counts,
})
/** Points of a path, as pairs. */
const points = (d: string) => [...d.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [Number(x), Number(y)])

test('nothing is drawn while nothing was received', () => {
  expect(shareLines([])).toBeNull()
})

test('even shares are in the middle, and the x axis is the total received', () => {
  const lines = shareLines([sample(5, 5), sample(10, 10)])?.lines ?? []
  expect(lines.map(points)).toEqual(
    Array(2).fill([
      [LINES_WIDTH / 2, LINES_HEIGHT / 2],
      [LINES_WIDTH, LINES_HEIGHT / 2],
    ]),
  )
})

test('1.5 times the even share is the upper edge; small differences stay small', () => {
  const [more = '', less = ''] = shareLines([sample(75, 25)])?.lines ?? []
  // The furthest widens the range: the line ends within it.
  expect(points(more)[0]?.[1]).toBeGreaterThan(0)
  const [slightly = ''] = shareLines([sample(51, 49)])?.lines ?? []
  expect(points(slightly)[0]?.[1]).toBeCloseTo(LINES_HEIGHT * (0.5 - 0.01 / 0.5), 1)
  expect(points(less)[0]?.[1]).toBeLessThan(LINES_HEIGHT)
})

test('early noise is clipped, and does not compress the rest', () => {
  const [first = ''] = shareLines([sample(1, 0, 0, 0), sample(260, 240, 250, 250)])?.lines ?? []
  const [begin, end] = points(first)
  expect(begin?.[1]).toBeLessThan(0)
  expect(end?.[1]).toBeCloseTo(LINES_HEIGHT * (0.5 - 0.01 / 0.25), 1)
})

test('a worker that was stalled for a while stays on the chart', () => {
  const samples = [sample(100, 100, 100, 100), sample(100, 350, 350, 350), sample(1500, 1500, 1500, 1500)]
  const heights = shareLines(samples)?.lines.flatMap((line) => points(line).map(([, y]) => Number(y))) ?? []
  expect(Math.max(...heights)).toBeLessThanOrEqual(LINES_HEIGHT)
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(0)
})

test('the line of a worker added later starts later', () => {
  const lines = shareLines([sample(5, 5), sample(10, 10, 10)])?.lines ?? []
  expect(lines.map((line) => points(line).length)).toEqual([2, 2, 1])
})

test('more workers than colors are a band from lowest to highest', () => {
  const many = Array.from({ length: MAX_LINES + 1 }, (_, index) => 10 + index)
  const snapshot = shareLines([sample(...many)])
  expect(snapshot?.lines).toEqual([])
  const heights = points(snapshot?.band?.area ?? '').map(([, y]) => y)
  const [median] = points(snapshot?.band?.median ?? '')
  expect(Math.min(...heights.map(Number))).toBeLessThan(Number(median?.[1]))
  expect(Math.max(...heights.map(Number))).toBeGreaterThan(Number(median?.[1]))
  expect(shareLines([sample(...many.slice(1))])?.band).toBeNull()
})

test('as text', () => {
  expect(sharesText(undefined)).toBe('Nothing received yet.')
  expect(sharesText(sample(7))).toBe('The only worker received everything.')
  expect(sharesText(sample(121, 129, 125, 125))).toBe('Between 24.2 and 25.8 %; 25.0 % would be even.')
  expect([0, 0.00024, 0.125, 1].map(percent)).toEqual(['0', '0.02', '12.5', '100'])
})
