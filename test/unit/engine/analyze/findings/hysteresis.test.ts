import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Hysteresis } from '../../../../../electron/engine/analyze/findings/hysteresis.ts'

const debounce = { hits: 2, of: 3, clearAfter: 2 }
/** The state after each examination, one per slot. */
function looks(pattern: string): string {
  const state = new Hysteresis(debounce)
  const after = [...pattern].map((sign, slot) => {
    state.update(sign === '+', slot)
    return state.raised ? 'R' : '.'
  })
  return after.join('')
}

describe('hysteresis', () => {
  it.each([
    ['+', '.'],
    ['++', '.R'],
    ['+-+', '..R'],
    ['+--+', '....'],
    ['++-+-+-', '.RRRRRR'],
    ['++--', '.RR.'],
    ['++---+-+', '.RR....R'],
  ])('%s gives %s', (pattern, raised) => {
    expect(looks(pattern)).toBe(raised)
  })

  it('counts examinations within one slot once', () => {
    const state = new Hysteresis(debounce)
    for (let look = 0; look < 10; look++) state.update(true, 1)
    expect(state.raised).toBe(false)
    state.update(true, 2)
    expect(state.raised).toBe(true)
    for (let look = 0; look < 10; look++) state.update(false, 3)
    expect(state.raised).toBe(true)
    state.update(false, 4)
    expect(state.raised).toBe(false)
  })

  it('never changes more often than it was examined, and becomes idle', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (pattern) => {
        const state = new Hysteresis(debounce)
        let turns = 0
        for (const [slot, holds] of pattern.entries()) if (state.update(holds, slot)) turns++
        expect(turns).toBeLessThanOrEqual(1 + pattern.length / debounce.clearAfter)
        for (let slot = 0; slot < 5; slot++) state.update(false, 1000 + slot)
        expect(state.idle).toBe(true)
      }),
    )
  })
})
