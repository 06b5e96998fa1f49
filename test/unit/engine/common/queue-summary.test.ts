import { describe, expect, it } from 'vitest'
import { queueSlots } from '../../../../electron/engine/common/queue-summary.ts'

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
