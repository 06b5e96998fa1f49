/** Bars of variants: one scale for all, and numbers where they matter. */
import { expect, test } from 'vitest'
import type { Variant } from '../../../../../electron/contract/lab.ts'
import { barsOf, barsText, topOf } from '../../../../../renderer/features/lab/bar-heights.ts'

const way = (...counts: number[]): Variant => ({
  title: 'Shared queue',
  subtitle: '',
  shape: 'shared',
  counts: counts.map((count, index) => ({ label: String(index), count, note: index === 2 ? 'stalled' : null })),
  figures: [],
})

test('equal counts have equal heights in every variant, and the mean is the even share', () => {
  const ways = [way(50, 50), way(100, 0)]
  const top = topOf(ways)
  const [even, uneven] = ways.map((one) => barsOf(one, top))
  expect(top).toBe(100)
  expect(even?.mean).toBe(uneven?.mean)
  expect(even?.bars.map(({ height }) => height)).toEqual([even?.mean, even?.mean])
  expect(uneven?.bars.map(({ height }) => height)).toEqual([2 * Number(even?.mean), 0])
})

test('only the lowest and highest are numbered, and only if they differ', () => {
  expect(barsOf(way(1530, 745, 6120), 6120).bars.map(({ words }) => words)).toEqual([null, '745', '6,120'])
  expect(barsOf(way(100, 99, 101), 6120).bars.map(({ words }) => words)).toEqual([null, null, null])
})

test('nothing received: no bars, no mean, no numbers', () => {
  const { bars, mean } = barsOf(way(0, 0), 0)
  expect(mean).toBeNull()
  expect(bars.map(({ height, words }) => [height, words])).toEqual([
    [0, null],
    [0, null],
  ])
})

test('as text, with notes', () => {
  expect(barsText(way(1530, 745, 6120))).toBe(
    'Received per worker: worker 0 1,530, worker 1 745, worker 2 6,120 (stalled)',
  )
  expect(barsText(way())).toBe('Nothing received yet')
})
