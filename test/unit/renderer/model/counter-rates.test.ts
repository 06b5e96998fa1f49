import { expect, test } from 'vitest'
import { counterRates } from '../../../../renderer/model/counter-rates.ts'

test('growth per second, over the namespaces that are in both answers', () => {
  const before = {
    at: 1000,
    counters: [
      { netns: 1, counters: { A: 10, B: 5 } },
      { netns: 2, counters: { A: 1 } },
    ],
  }
  const after = {
    at: 3000,
    counters: [
      { netns: 1, counters: { A: 30, B: 5, C: 9 } },
      { netns: 2, counters: { A: 0 } },
      { netns: 3, counters: { A: 500 } },
    ],
  }
  expect(counterRates(before, after, ['A', 'B', 'C'])).toEqual([
    { name: 'A', perSecond: 10 },
    { name: 'B', perSecond: 0 },
  ])
  expect(counterRates(after, after, ['A'])).toEqual([])
})
