/** The lines of shares: where the even one is, how far the picture reaches, and when lines become a band. */
import { expect, test } from 'vitest'
import type { ShareSample } from '../../../../renderer/lab/share-history.ts'
import {
  LINES_HEIGHT,
  LINES_WIDTH,
  MOST_LINES,
  percent,
  shareLines,
  sharesText,
} from '../../../../renderer/lab/share-lines.ts'

const sample = (...counts: number[]): ShareSample => ({
  at: 0,
  total: counts.reduce((sum, count) => sum + count, 0),
  counts,
})
/** Points of a path, as pairs. */
const points = (d: string) => [...d.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [Number(x), Number(y)])

test('nothing to draw while nothing came', () => {
  expect(shareLines([])).toBeNull()
})

test('even shares lie in the middle, and time is what came', () => {
  const lines = shareLines([sample(5, 5), sample(10, 10)])?.lines ?? []
  expect(lines.map(points)).toEqual(
    Array(2).fill([
      [LINES_WIDTH / 2, LINES_HEIGHT / 2],
      [LINES_WIDTH, LINES_HEIGHT / 2],
    ]),
  )
})

test('half as much again as the even share is the upper edge; small differences stay small', () => {
  const [more = '', less = ''] = shareLines([sample(75, 25)])?.lines ?? []
  // The furthest widens it: the line ends within.
  expect(points(more)[0]?.[1]).toBeGreaterThan(0)
  const [slightly = ''] = shareLines([sample(51, 49)])?.lines ?? []
  expect(points(slightly)[0]?.[1]).toBeCloseTo(LINES_HEIGHT * (0.5 - 0.01 / 0.5), 1)
  expect(points(less)[0]?.[1]).toBeLessThan(LINES_HEIGHT)
})

test('noise at the beginning goes beyond the edge, and does not press the rest together', () => {
  const [first = ''] = shareLines([sample(1, 0, 0, 0), sample(260, 240, 250, 250)])?.lines ?? []
  const [begin, end] = points(first)
  expect(begin?.[1]).toBeLessThan(0)
  expect(end?.[1]).toBeCloseTo(LINES_HEIGHT * (0.5 - 0.01 / 0.25), 1)
})

test('a worker that came later begins later', () => {
  const lines = shareLines([sample(5, 5), sample(10, 10, 10)])?.lines ?? []
  expect(lines.map((line) => points(line).length)).toEqual([2, 2, 1])
})

test('more workers than colours are a band from the least to the most', () => {
  const many = Array.from({ length: MOST_LINES + 1 }, (_, index) => 10 + index)
  const picture = shareLines([sample(...many)])
  expect(picture?.lines).toEqual([])
  const heights = points(picture?.band?.area ?? '').map(([, y]) => y)
  const [median] = points(picture?.band?.median ?? '')
  expect(Math.min(...heights.map(Number))).toBeLessThan(Number(median?.[1]))
  expect(Math.max(...heights.map(Number))).toBeGreaterThan(Number(median?.[1]))
  expect(shareLines([sample(...many.slice(1))])?.band).toBeNull()
})

test('in words', () => {
  expect(sharesText(undefined)).toBe('Nothing came yet.')
  expect(sharesText(sample(7))).toBe('The only worker has all of it.')
  expect(sharesText(sample(121, 129, 125, 125))).toBe('Between 24.2 and 25.8 %, where 25.0 % would be even.')
  expect([0, 0.00024, 0.125, 1].map(percent)).toEqual(['0', '0.02', '12.5', '100'])
})
