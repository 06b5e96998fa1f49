/** The counters of a group only grow, whichever members join and leave. */
import { describe, expect, test } from 'vitest'
import { GroupCounters } from '../../../../electron/engine/stream/group-counters.ts'

const ID = '3fa9c1d200000001'

/** The counters after each of these states of one group: drops by member, `existedBefore` at the first. */
function counted(...looks: Record<number, number | null>[]) {
  const counters = new GroupCounters()
  return looks.map((drops, look) => {
    const members = Object.entries(drops).map(([number, drops]) => ({
      number: Number(number),
      drops,
      existedBefore: look === 0,
    }))
    counters.record(ID, members)
    return counters.of(ID)
  })
}

describe('drops', () => {
  const drops = (...looks: Parameters<typeof counted>) => counted(...looks).map((counts) => counts?.drops)
  test('only grow, whichever members leave', () => {
    expect(drops({ 1: 100, 2: 5 }, { 2: 6 }, { 2: 6, 3: 2 })).toEqual([105, 106, 108])
  })
  test('of a wrapped 32-bit counter are more, not less', () => {
    expect(drops({ 1: 2 ** 32 - 10 }, { 1: 5 })).toEqual([2 ** 32 - 10, 2 ** 32 + 5])
  })
  test('are unknown while those of a member are, and none are lost or counted twice', () => {
    expect(drops({ 1: 100, 2: 5 }, { 1: null, 2: 6 }, { 1: 103, 2: 6 })).toEqual([105, null, 109])
    expect(drops({ 1: null }, { 1: 7 }, { 1: 9 })).toEqual([null, 7, 9])
  })
})

describe('members', () => {
  const moves = (...looks: Parameters<typeof counted>) =>
    counted(...looks).map((counts) => [counts?.members, counts?.joined, counts?.left])
  test('that existed before did not join; the others did, and left', () => {
    expect(moves({ 1: 0, 2: 0 }, { 2: 0, 3: 0 }, { 3: 0 })).toEqual([
      [2, 0, 0],
      [2, 1, 1],
      [1, 1, 2],
    ])
  })
  test('leave with their group, and the counts stay when it returns', () => {
    const counters = new GroupCounters()
    const member = (number: number) => ({ number, drops: 4, existedBefore: false })
    counters.record(ID, [member(1), member(2)])
    counters.markRemoved(ID)
    expect(counters.of(ID)).toEqual({ members: 0, joined: 2, left: 2, drops: 8, given: null })
    counters.record(ID, [member(3)])
    expect(counters.of(ID)).toEqual({ members: 1, joined: 3, left: 2, drops: 12, given: null })
  })
})

test('a group that was never recorded has no counts', () => {
  const counters = new GroupCounters()
  counters.markRemoved(ID)
  expect(counters.of(ID)).toBeNull()
})

test('what was given only grows, also when counting begins anew, and is unknown before', () => {
  const counters = new GroupCounters()
  const record = (...given: (number | undefined)[]) => {
    const members = given.map((given, at) => ({ number: at + 1, drops: 0, given, existedBefore: true }))
    counters.record(ID, members)
    return counters.of(ID)?.given
  }
  expect(record(undefined, undefined)).toBeNull()
  expect(record(3, 1)).toBe(4)
  expect(record(5)).toBe(6)
  expect(record(undefined)).toBe(6)
  expect(record(7)).toBe(8)
  expect(record(2)).toBe(10)
})
