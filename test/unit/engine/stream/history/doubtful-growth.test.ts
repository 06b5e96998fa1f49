import { expect, test } from 'vitest'
import { DoubtfulGrowth } from '../../../../../electron/engine/stream/history/doubtful-growth.ts'
import { StepRings, UNKNOWN } from '../../../../../electron/engine/stream/history/step-rings.ts'

test('growth that may be no loss counts once it is known to be one', () => {
  const growth = new DoubtfulGrowth()
  expect([growth.lost(1, 0, false), growth.lost(2, 3, true), growth.isEmpty]).toEqual([0, 3, true])
  expect([growth.lost(1, 4, false), growth.lost(1, 0, false), growth.lost(1, 2, false)]).toEqual([UNKNOWN, 0, UNKNOWN])
  expect([growth.has(1), growth.has(2)]).toEqual([true, false])
  expect([growth.lost(1, 1, true), growth.lost(1, 0, true), growth.isEmpty]).toEqual([7, 0, true])
})

test.each([1, 5])('the steps of the history have all of it, known %i refreshes later', (later) => {
  const rings = new StepRings(1000, 16)
  rings.tick(0, 3000)
  rings.begin(0, 0, 0)
  rings.record(0, 0, 100, 2)
  rings.record(0, 200, 100, UNKNOWN)
  rings.record(0, later * 200, 100, 7)
  rings.tick(later * 200, 3000)
  expect(rings.steps(0, 0, later * 200).lost.reduce((sum, lost) => sum + lost, 0)).toBe(9)
})
