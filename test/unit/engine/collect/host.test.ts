import { describe, expect, it } from 'vitest'
import { capabilitiesOf } from '../../../../electron/engine/collect/host.ts'

describe('capabilities', () => {
  it('are named after the bits of CapEff', () => {
    expect(capabilitiesOf('Name:\tx\nCapEff:\t0000000000001000\n')).toEqual(['cap_net_admin'])
    expect(capabilitiesOf('CapEff:\t0000010000000001\n')).toEqual(['cap_chown', 'cap_checkpoint_restore'])
    expect(capabilitiesOf('CapEff:\t000001ffffffffff\n')).toHaveLength(41)
  })
  it('are null where the line is missing', () => {
    expect(capabilitiesOf('')).toBeNull()
  })
})
