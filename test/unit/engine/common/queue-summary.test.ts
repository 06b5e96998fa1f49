import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queueImbalance, queueSlots } from '../../../../electron/engine/common/queue-summary.ts'

describe('the slots of a row', () => {
  it('are the utilizations themselves up to 32 members', () => {
    const fills = Array.from({ length: 32 }, (_, at) => at)
    expect(queueSlots(fills)).toEqual(fills)
  })
  it('are the highest of each share beyond', () => {
    const slots = queueSlots(Array.from({ length: 1000 }, (_, at) => (at === 777 ? 1002 : at === 3 ? -1 : 0)))
    expect(slots).toHaveLength(32)
    expect(slots.indexOf(1002)).toBe(Math.floor((777 * 32) / 1000))
    expect(slots.filter((fill) => fill === 0)).toHaveLength(31)
  })
})

describe('the imbalance of queues', () => {
  it.each([
    ['even', [3, 3, 3], 1],
    ['all at one of four', [0, 8, 0, 0], 4],
    ['one a little longer', [2, 1, 1], 1.5],
    ['one queue', [5], null],
    ['no queue', [], null],
    ['nothing waits', [0, 0], null],
  ] as const)('%s', (_, lengths, imbalance) => {
    expect(queueImbalance(lengths)).toBe(imbalance)
  })

  it('is between 1 and the number of queues', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 100 }), (lengths) => {
        const imbalance = queueImbalance(lengths)
        if (imbalance === null) expect(lengths.every((length) => length === 0)).toBe(true)
        else {
          expect(imbalance).toBeGreaterThanOrEqual(1)
          expect(imbalance).toBeLessThanOrEqual(lengths.length)
        }
      }),
    )
  })
})
