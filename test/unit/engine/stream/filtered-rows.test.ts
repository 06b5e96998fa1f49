import { expect, test } from 'vitest'
import { readsCounts, readsRates } from '../../../../electron/engine/stream/filtered-rows.ts'

test('what a filter needs besides one frame', () => {
  expect([readsRates('drops:>0'), readsCounts('drops:>0')]).toEqual([true, false])
  expect([readsRates('-rate:>10 tcp'), readsCounts('-rate:>10 tcp')]).toEqual([false, true])
  expect([readsRates('rate'), readsCounts('rate')]).toEqual([false, false])
})
