import { describe, expect, it } from 'vitest'
import type { Sharing } from '../../../../electron/contract/model.ts'
import { SteadySharing } from '../../../../electron/engine/snapshots/steady-sharing.ts'
import { aGroup, aSnapshot } from '../../../doubles/snapshots.ts'

/** The reported sharing of a group, snapshot by snapshot; null where it does not exist. */
function told(...sharings: (Sharing | null)[]): (Sharing | undefined)[] {
  const steady = new SteadySharing()
  return sharings.map((sharing) => {
    const groups = sharing === null ? [] : [aGroup({ sharing })]
    return steady.settle(aSnapshot({ groups })).groups[0]?.sharing
  })
}

describe('how a group shares, in a scenario', () => {
  it('does not change for the moment in which a master forks anew', () => {
    expect(told('inherited', 'none', 'inherited')).toEqual(['inherited', 'inherited', 'inherited'])
    expect(told('inherited', 'none', 'reuseport', 'inherited')).toEqual(Array(4).fill('inherited'))
  })
  it('changes once the change lasts', () => {
    expect(told('inherited', 'none', 'none', 'none')).toEqual(['inherited', 'inherited', 'none', 'none'])
  })
  it('changes at once where it was unknown, or the group is new', () => {
    expect(told('unknown', 'reuseport')).toEqual(['unknown', 'reuseport'])
    expect(told('inherited', null, 'none')).toEqual(['inherited', undefined, 'none'])
  })
})
