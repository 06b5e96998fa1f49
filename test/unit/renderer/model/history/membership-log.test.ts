import { expect, test } from 'vitest'
import { MembershipLog } from '../../../../../renderer/model/history/membership-log.ts'

test('only changes are stored', () => {
  const log = new MembershipLog()
  for (const [at, members] of [
    [1, 4],
    [2, 4],
    [3, 5],
    [4, 5],
  ] as const)
    log.record('a', at, members)
  expect(log.read('a')).toEqual([
    { at: 1, members: 4 },
    { at: 3, members: 5 },
  ])
  expect(log.read('b')).toEqual([])
})

test('memory is limited per group and in total, and released', () => {
  const log = new MembershipLog(100, 10)
  for (let at = 0; at < 50; at++) log.record('a', at, at)
  expect(log.read('a')).toHaveLength(10)
  expect(log.read('a').at(-1)).toEqual({ at: 49, members: 49 })
  for (let group = 0; group < 200; group++) for (let at = 0; at < 9; at++) log.record(`g${group}`, at, at)
  expect(log.bytes).toBeLessThanOrEqual(16 * (100 + 200))
  for (let group = 0; group < 200; group++) log.forget(`g${group}`)
  log.forget('a')
  expect(log.bytes).toBe(0)
})
