import { expect, test } from 'vitest'
import { RestartBudget } from '../../../electron/main/restart-budget.ts'

test('so many within a time, and again when that time is over', () => {
  const budget = new RestartBudget(2, 1000)
  expect([budget.take(0), budget.take(400), budget.take(900)]).toEqual([true, true, false])
  expect([budget.take(1000), budget.take(1001), budget.take(1400)]).toEqual([true, false, true])
})

test('somebody who wants it tried anew gets a full one', () => {
  const budget = new RestartBudget(1, 1000)
  expect([budget.take(0), budget.take(1)]).toEqual([true, false])
  budget.reset()
  expect(budget.take(2)).toBe(true)
})
