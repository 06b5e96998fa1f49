import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  movedBetween,
  movedByNewest,
  movedByOldest,
  movedOnAverage,
  removeMembers,
} from '../../../../electron/engine/analyze/what-if.ts'

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

/** reciprocal_scale() of include/linux/kernel.h, with the kernel's integer arithmetic. */
const scale = (hash: bigint, n: number) => Number((hash * BigInt(n)) >> 32n)

/** Counts instead of computing: many evenly spread hashes through the kernel's own formula. */
function counted(before: readonly number[], after: readonly number[]): number {
  const samples = 20_000
  let moved = 0
  for (let sample = 0; sample < samples; sample++) {
    const hash = (BigInt(sample) * 0x1_0000_0000n) / BigInt(samples)
    if (before[scale(hash, before.length)] !== after[scale(hash, after.length)]) moved++
  }
  return moved / samples
}

describe('a group that grows', () => {
  it('moves half of the flows for one more member, whatever its size', () => {
    for (const members of [1, 2, 8, 100, 1000]) expect(movedByNewest(members, members + 1).moved).toBeCloseTo(0.5, 9)
  })
  it('moves nothing when nothing changes', () => {
    expect(movedByNewest(7, 7)).toEqual({ moved: 0, unavoidable: 0 })
  })
  it('moves no flows if there was no member', () => {
    expect(movedByNewest(0, 4)).toEqual({ moved: 0, unavoidable: 0 })
  })
})

describe('a group that shrinks', () => {
  it('moves the last one into the hole', () => {
    expect(removeMembers([0, 1, 2, 3], [1])).toEqual([0, 3, 2])
    expect(removeMembers([0, 1, 2, 3], [3])).toEqual([0, 1, 2])
    expect(removeMembers([0, 1, 2, 3], [0, 0])).toEqual([2, 1])
  })
  it('to one member keeps the flows of that member', () => {
    expect(movedOnAverage(2, 1)).toEqual({ moved: 0.5, unavoidable: 0.5 })
    expect(movedByNewest(4, 1)).toEqual({ moved: 0.75, unavoidable: 0.75 })
  })
  it('to none moves all', () => {
    expect(movedOnAverage(3, 0)).toEqual({ moved: 1, unavoidable: 1 })
    expect(movedByOldest(3, 0)).toEqual({ moved: 1, unavoidable: 1 })
  })
})

describe('computed shares', () => {
  const size = fc.integer({ min: 1, max: 60 })

  it('are what counting by reciprocal_scale finds', () => {
    fc.assert(
      fc.property(size, fc.array(fc.nat(1000), { maxLength: 20 }), fc.nat(5), (members, leaving, joining) => {
        const before = range(members)
        let left = members
        const places = leaving.slice(0, members - 1).map((place) => place % left--)
        const after = [...removeMembers(before, places), ...range(joining).map((index) => members + index)]
        // Each border of an arc may fall between two samples.
        expect(Math.abs(movedBetween(before, after).moved - counted(before, after))).toBeLessThan(0.01)
      }),
      { numRuns: 60 },
    )
  })

  it('of removing the oldest are those of removing them one after another', () => {
    fc.assert(
      fc.property(size, fc.nat(60), (members, fewer) => {
        const to = Math.max(1, members - fewer)
        let array = range(members)
        for (let member = 0; member < members - to; member++) array = removeMembers(array, [array.indexOf(member)])
        expect(movedByOldest(members, to)).toEqual(movedBetween(range(members), array))
      }),
    )
  })

  it('on average are the average over every order of removal', () => {
    const average = (array: readonly number[], before: readonly number[], to: number): number => {
      if (array.length === to) return movedBetween(before, array).moved
      const each = array.map((_, place) => average(removeMembers(array, [place]), before, to))
      return each.reduce((sum, share) => sum + share, 0) / each.length
    }
    for (const [from, to] of [
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 3],
      [6, 3],
      [7, 6],
    ] as const) {
      expect(movedOnAverage(from, to).moved).toBeCloseTo(average(range(from), range(from), to), 9)
    }
  })

  it('never move fewer flows than unavoidable', () => {
    fc.assert(
      fc.property(size, size, (from, to) => {
        for (const { moved, unavoidable } of [
          movedOnAverage(from, to),
          movedByNewest(from, to),
          movedByOldest(from, to),
        ]) {
          expect(moved).toBeGreaterThanOrEqual(unavoidable - 1e-9)
          expect(moved).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('is quick for the largest group', () => {
    expect(movedByOldest(32_768, 16_384).moved).toBeGreaterThan(0.5)
  })
})
