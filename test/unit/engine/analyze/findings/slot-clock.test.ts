import { expect, test } from 'vitest'
import { SlotClock } from '../../../../../electron/engine/analyze/findings/slot-clock.ts'

test('frames that follow each other closely share a slot', () => {
  const clock = new SlotClock()
  expect([0, 50, 89, 90, 100, 179, 180].map((now) => clock.begins(now))).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    true,
  ])
  expect(clock.slot).toBe(3)
})

test('a clock that was set back begins a slot', () => {
  const clock = new SlotClock()
  clock.begins(10_000)
  expect(clock.begins(5)).toBe(true)
})
