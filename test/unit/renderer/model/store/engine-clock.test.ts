import { expect, test } from 'vitest'
import { clockAhead } from '../../../../../renderer/model/store/engine-clock.ts'

test('of several answers the fastest shows the difference of the clocks', () => {
  const hour = 3_600_000
  const skews = [800, 30, 2000].reduce<number | null>((known, delay) => clockAhead(known, hour, delay), null)
  expect(skews).toBe(hour - 30)
})
