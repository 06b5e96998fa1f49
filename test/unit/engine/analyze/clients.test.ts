import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientCount, DOCUMENTATION, makeClients, parsePrefix } from '../../../../electron/engine/analyze/clients.ts'

const prefix = (text: string) => {
  const parsed = parsePrefix(text)
  if (parsed === null) throw new Error(`${text} is no prefix`)
  return parsed
}
const each = (remotes: Uint8Array) =>
  Array.from({ length: remotes.length / 18 }, (_, index) => Buffer.from(remotes.subarray(18 * index, 18 * index + 18)))

describe('a prefix', () => {
  it.each([
    ['198.51.100.0/24', '198.51.100.0/24'],
    ['198.51.100.77/24', '198.51.100.0/24'],
    ['10.0.0.1', '10.0.0.1/32'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('%s is %s', (text, canonical) => {
    expect(prefix(text).text).toBe(canonical)
  })
  it.each([
    '',
    '/',
    '1.2.3/8',
    '1.2.3.4/33',
    '1.2.3.4/-1',
    '1.2.3.4/',
    '::/129',
    'fe80::1%lo/64',
    '1.2.3.4/8/8',
    'a',
    '01.2.3.4',
  ])('%j is none', (text) => {
    expect(parsePrefix(text)).toBeNull()
  })
})

describe('clients', () => {
  it('are all different, in the prefix, and as many as requested', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 32 }), fc.integer({ min: 1, max: 3000 }), (length, count) => {
        const clients = each(makeClients(prefix(`203.0.113.255/${length}`), count))
        expect(new Set(clients.map((client) => client.toString('hex'))).size).toBe(count)
        const outside = clients.filter(
          (client) =>
            client.readUInt32BE(0) >>> (32 - length) !== 0xcb0071ff >>> (32 - length) || client.readUInt16BE(16) < 1024,
        )
        expect(outside).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
  it('of a single address are its ports, each once', () => {
    const one = prefix('::1')
    expect(clientCount(one, 100_000)).toBe(64_512)
    expect(new Set(each(makeClients(one, 64_512)).map((client) => client.readUInt16BE(16))).size).toBe(64_512)
  })
  it('from documentation ranges exist for both families', () => {
    expect(prefix(DOCUMENTATION.ipv4).family).toBe('ipv4')
    expect(each(makeClients(prefix(DOCUMENTATION.ipv6), 3))[2]?.toString('hex')).toMatch(
      /^20010db8000000000000000000000002/,
    )
  })
})
