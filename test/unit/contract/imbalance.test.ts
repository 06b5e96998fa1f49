import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  imbalanceOf,
  imbalanceText,
  isWithinChance,
  maxOverMean,
  notableRatio,
} from '../../../electron/contract/imbalance.ts'

test('of what was given where enough was, else of queues', () => {
  expect(imbalanceOf([30, 10], [0, 5], false)).toEqual({ of: 'given', ratio: 1.5, chance: null })
  // Too few to say anything about shares.
  expect(imbalanceOf([6, 3], [0, 5], true)).toEqual({ of: 'queues', ratio: 2, chance: null })
  expect(imbalanceOf(null, [1, 3], true)).toEqual({ of: 'queues', ratio: 1.5, chance: null })
  expect(imbalanceOf([0, 0], [0, 0], true)).toBeNull()
  expect(imbalanceOf([40], [7], true)).toBeNull()
})

test('what chance allows counts as even', () => {
  const uneven = imbalanceOf([700, 100, 100, 100], [0, 0, 0, 0], true)
  const even = imbalanceOf([270, 240, 245, 245], [0, 0, 0, 0], true)
  expect([uneven?.ratio, even?.ratio]).toEqual([2.8, 1.08])
  expect([uneven, even].map(notableRatio)).toEqual([2.8, 1])
  expect(notableRatio(null)).toBeNull()
  expect(imbalanceText(even ?? { of: 'given', ratio: 0, chance: 0 })).toBe(
    '1.08 times the mean, of what members were given, as chance allows (up to 1.23)',
  )
  expect(imbalanceText({ of: 'given', ratio: 2.8, chance: 1.22 })).toBe(
    '2.80 times the mean, of what members were given, more than chance allows (up to 1.22)',
  )
  expect(imbalanceText({ of: 'given', ratio: 2.8, chance: null })).toBe(
    '2.80 times the mean, of what members were given',
  )
  expect(imbalanceText({ of: 'queues', ratio: 2.8, chance: null })).toBe('2.80 times the mean, of their queues now')
})

/** Reproducible: Mulberry32, whose numbers are uniform enough for this. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test.each([
  [2, 10],
  [4, 20],
  [8, 100],
  [8, 2000],
  [64, 320],
])('chance exceeds the bound of %i members given %i less than once in a thousand times', (members, total) => {
  const random = generator(20_261_130)
  const groups = 5000
  let beyond = 0
  for (let group = 0; group < groups; group++) {
    const given = new Array<number>(members).fill(0)
    for (let one = 0; one < total; one++) {
      const at = Math.floor(random() * members)
      given[at] = (given[at] ?? 0) + 1
    }
    const imbalance = imbalanceOf(given, given, true)
    if (imbalance !== null && !isWithinChance(imbalance)) beyond++
  }
  expect(beyond / groups).toBeLessThan(0.001)
})

describe('the largest of several divided by their mean', () => {
  it.each([
    ['even', [3, 3, 3], 1],
    ['all at one of four', [0, 8, 0, 0], 4],
    ['one a little longer', [2, 1, 1], 1.5],
    ['one queue', [5], null],
    ['no queue', [], null],
    ['nothing waits', [0, 0], null],
  ] as const)('%s', (_, lengths, imbalance) => {
    expect(maxOverMean(lengths)).toBe(imbalance)
  })

  it('is between 1 and the number of queues', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 100 }), (lengths) => {
        const imbalance = maxOverMean(lengths)
        if (imbalance === null) expect(lengths.every((length) => length === 0)).toBe(true)
        else {
          expect(imbalance).toBeGreaterThanOrEqual(1)
          expect(imbalance).toBeLessThanOrEqual(lengths.length)
        }
      }),
    )
  })
})
