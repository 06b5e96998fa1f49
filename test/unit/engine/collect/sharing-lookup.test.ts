import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentationClients, inferSharing, probeAddress } from '../../../../electron/engine/collect/sharing-lookup.ts'

describe('what the kernel lookup says about sharing', () => {
  it('is reuseport when clients reach two members', () => {
    expect(inferSharing([1n, 2n, 3n], [2n, 2n, 1n])).toBe('reuseport')
  })
  it('is reuseaddr when every client reaches the same socket', () => {
    expect(inferSharing([1n, 2n, 3n], [3n, 3n, 3n])).toBe('reuseaddr')
  })
  it('is nothing for a single socket', () => {
    expect(inferSharing([2n], [2n, 2n])).toBeNull()
  })
  it('is nothing when no socket is named, or only sockets of another group', () => {
    expect(inferSharing([1n, 2n], [])).toBeNull()
    expect(inferSharing([1n, 2n], [0n, 9n])).toBeNull()
  })
})

describe('clients of the documentation ranges', () => {
  it.each([4, 6] as const)('are distinct, in the range, and never use port 0 (IPv%i)', (family) => {
    const remotes = documentationClients(family, 4096)
    const seen = new Set<string>()
    for (let client = 0; client < 4096; client++) {
      const row = remotes.subarray(18 * client, 18 * client + 18)
      seen.add(row.join())
      expect([...row.subarray(0, family === 4 ? 3 : 4)]).toEqual(
        family === 4 ? [198, 51, 100] : [0x20, 0x01, 0x0d, 0xb8],
      )
      expect((row[16] ?? 0) * 256 + (row[17] ?? 0)).toBeGreaterThanOrEqual(1024)
    }
    expect(seen.size).toBe(4096)
  })
  it('reach a wildcard group at an address that no socket is bound to, and any other group at its own', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.constantFrom(4 as const, 6 as const),
        (bytes, family) => {
          const wildcard = bytes.every((byte) => byte === 0)
          const chosen = probeAddress(bytes, family)
          expect(chosen.some((byte) => byte !== 0)).toBe(true)
          if (!wildcard) expect(chosen).toBe(bytes)
        },
      ),
    )
    expect(probeAddress(new Uint8Array(16), 4)[0]).toBe(203)
  })
})
