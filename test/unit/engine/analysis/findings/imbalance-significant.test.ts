import { expect, test } from 'vitest'
import { hasNewcomer } from '../../../../../electron/engine/analysis/findings/imbalance-significant.ts'

const NOW = 1_000_000_000
const started = (...secondsAgo: (number | null)[]) => secondsAgo.map((ago) => (ago === null ? null : NOW - 1000 * ago))

test.each([
  ['a worker of a reload beside the one that it replaces', started(600, 1), true],
  ['a worker that came a minute ago', started(600, 60), false],
  ['workers that were started one after the other', started(12, 10, 8), false],
  ['one process', started(1), false],
  ['processes whose start is unknown', started(null, null), false],
  ['a newcomer beside one whose start is unknown', started(null, 600, 1), true],
])('%s', (_, startedAt, expected) => {
  expect(hasNewcomer(startedAt, NOW)).toBe(expected)
})
