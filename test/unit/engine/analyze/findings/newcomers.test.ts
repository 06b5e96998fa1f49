import { expect, test } from 'vitest'
import { newcomers } from '../../../../../electron/engine/analyze/findings/newcomers.ts'

const NOW = 1_000_000_000
const started = (...secondsAgo: (number | null)[]) => secondsAgo.map((ago) => (ago === null ? null : NOW - 1000 * ago))

test.each([
  ['a worker of a reload next to the one that it replaces', started(600, 1), [false, true]],
  ['one new worker next to many', started(600, 599, 598, 2), [false, false, false, true]],
  ['a worker that started a minute ago', started(600, 60), [false, false]],
  ['workers that were started one after the other', started(12, 10, 8), [false, false, false]],
  ['one process', started(1), [false]],
  ['processes whose start is unknown', started(null, null), [false, false]],
  ['a newcomer next to one whose start is unknown', started(null, 600, 1), [false, false, true]],
])('%s', (_, startedAt, expected) => {
  expect(newcomers(startedAt, NOW)).toEqual(expected)
})
