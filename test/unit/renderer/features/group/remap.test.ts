import fc from 'fast-check'
import { expect, test } from 'vitest'
import { movedShare } from '../../../../../renderer/features/group/remap.ts'

/** The kernel's own steps over an array of members, for evenly spaced hashes. */
function moved(before: readonly number[], after: readonly number[], hashes: number): number {
  let count = 0
  for (let h = 0; h < hashes; h++) {
    const at = (members: readonly number[]) => members[Math.floor((h * members.length) / hashes)]
    if (at(before) !== at(after)) count++
  }
  return count / hashes
}
const HASHES = 60_060

test('a join is what an appended member does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (from, more) => {
      const before = Array.from({ length: from }, (_, i) => i)
      const after = Array.from({ length: from + more }, (_, i) => i)
      const share = movedShare(from, from + more)
      expect(share?.min).toBe(share?.max)
      expect(share?.min).toBeCloseTo(moved(before, after, HASHES), 2)
    }),
  )
})

test('one leave is within its range for every place, and reaches both ends', () => {
  for (let from = 2; from <= 40; from++) {
    const before = Array.from({ length: from }, (_, i) => i)
    const shares = before.map((place) => {
      // The last member moves into the hole.
      const after = before.slice(0, -1)
      if (place < from - 1) after[place] = from - 1
      return moved(before, after, HASHES)
    })
    const share = movedShare(from, from - 1)
    expect(share?.min, `of ${from}`).toBeCloseTo(Math.min(...shares), 2)
    expect(share?.max, `of ${from}`).toBeCloseTo(Math.max(...shares), 2)
  }
})

test('several leaves give null, and nothing moves without a change', () => {
  expect(movedShare(8, 5)).toBeNull()
  expect(movedShare(8, 8)).toEqual({ min: 0, max: 0 })
})
