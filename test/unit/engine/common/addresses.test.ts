import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, addressText, isWildcard } from '../../../../electron/engine/common/addresses.ts'

const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 })

describe('addresses', () => {
  it('survive a round trip through text, in both families', () => {
    fc.assert(
      fc.property(bytes16, (bytes) => {
        expect(addressBytes(addressText(bytes, 'ipv6'), 'ipv6')).toEqual(bytes)
        const four = addressBytes(addressText(bytes, 'ipv4'), 'ipv4')
        expect(four?.subarray(0, 4)).toEqual(bytes.subarray(0, 4))
      }),
    )
  })
  it.each([
    ['::', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['::ffff:127.0.0.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1]],
    ['2001:db8::1:0:0:1', [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]],
    ['fe80::1', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ])('%s is written as in RFC 5952', (text, bytes) => {
    expect(addressText(Uint8Array.from(bytes), 'ipv6')).toBe(text)
  })
  it.each([
    ['256.0.0.1', 'ipv4'],
    ['1.2.3', 'ipv4'],
    ['0x7f.1', 'ipv4'],
    ['::1', 'ipv4'],
    ['127.0.0.1', 'ipv6'],
    ['fe80::1%eth0', 'ipv6'],
    ['', 'ipv6'],
    [' ::1', 'ipv6'],
  ] as const)('%s is no %s address', (text, family) => {
    expect(addressBytes(text, family)).toBeNull()
  })
  it('of zeros is the wildcard', () => {
    expect(isWildcard(new Uint8Array(16))).toBe(true)
  })
})
