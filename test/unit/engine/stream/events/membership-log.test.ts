import { expect, test } from 'vitest'
import { MembershipLog } from '../../../../../electron/engine/stream/events/membership-log.ts'

test('changes are kept in order, and what is no change is not', () => {
  const log = new MembershipLog()
  log.record('a', { at: 1, from: 0, to: 4 })
  log.record('a', { at: 2, from: 4, to: 4 })
  log.record('a', { at: 3, from: 4, to: 5 })
  expect(log.read('a', 0)).toEqual([
    { at: 1, from: 0, to: 4 },
    { at: 3, from: 4, to: 5 },
  ])
  expect(log.read('a', 2)).toHaveLength(1)
  expect(log.read('b', 0)).toEqual([])
})

test('memory is limited: the oldest of a group, and the group that changed longest ago, are forgotten', () => {
  const log = new MembershipLog(10, 3)
  for (let at = 0; at < 5; at++) log.record('a', { at, from: at, to: at + 1 })
  expect(log.read('a', 0).map(({ at }) => at)).toEqual([2, 3, 4])
  for (const id of ['b', 'c', 'd']) for (let at = 0; at < 3; at++) log.record(id, { at, from: at, to: at + 1 })
  expect(log.read('a', 0)).toEqual([])
  expect(log.read('d', 0)).toHaveLength(3)
})
