import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  judge,
  type LookupCandidate,
  lookup,
  type Packet,
  parseAddress,
} from '../../../../electron/engine/analyze/lookup.ts'
import { addressBytes } from '../../../../electron/engine/common/addresses.ts'

function bytes(text: string): Uint8Array {
  const found = addressBytes(text, text.includes(':') ? 'ipv6' : 'ipv4')
  if (found === null) throw new Error(`${text} is no address`)
  return found
}
function packet(change: Partial<Packet> = {}): Packet {
  return {
    protocol: 'tcp',
    family: 'ipv4',
    localAddress: bytes('10.0.0.1'),
    remoteAddress: bytes('10.0.0.9'),
    remotePort: 5000,
    interface: 2,
    cpu: null,
    ...change,
  }
}
function candidate(text: string, change: Partial<LookupCandidate> = {}): LookupCandidate {
  return {
    family: text.includes(':') ? 'ipv6' : 'ipv4',
    v6only: false,
    address: bytes(text),
    interface: 0,
    state: 'listening',
    reuseport: true,
    hasConnections: false,
    remote: null,
    cpu: null,
    order: 0,
    ...change,
  }
}
const udp = { protocol: 'udp' } as const
const v6 = { family: 'ipv6', localAddress: bytes('2001:db8::1'), remoteAddress: bytes('2001:db8::9') } as const
const client = { remote: { address: bytes('10.0.0.9'), port: 5000 }, state: 'connected' } as const

describe("the kernel's score", () => {
  // compute_score() of net/ipv4/inet_hashtables.c, net/ipv6/inet6_hashtables.c, net/ipv4/udp.c and net/ipv6/udp.c.
  it.each([
    ['TCP over IPv4', packet(), candidate('10.0.0.1'), 2],
    ['on the interface', packet(), candidate('10.0.0.1', { interface: 2 }), 3],
    ['on its CPU', packet({ cpu: 1 }), candidate('10.0.0.1', { cpu: 1 }), 3],
    ['on another CPU', packet({ cpu: 0 }), candidate('10.0.0.1', { cpu: 1 }), 2],
    ['by dual-stack', packet(), candidate('::'), 1],
    ['by a mapped address', packet(), candidate('::ffff:10.0.0.1'), 1],
    ['TCP over IPv6', packet(v6), candidate('2001:db8::1'), 1],
    ['UDP over IPv4', packet(udp), candidate('10.0.0.1'), 2],
    ['by dual-stack', packet(udp), candidate('::'), 1],
    ['on the interface', packet(udp), candidate('10.0.0.1', { interface: 2 }), 6],
    ['connected', packet(udp), candidate('10.0.0.1', client), 10],
    ['UDP over IPv6', packet({ ...udp, ...v6 }), candidate('2001:db8::1'), 0],
    ['on the interface', packet({ ...udp, ...v6 }), candidate('2001:db8::1', { interface: 2 }), 1],
    [
      'connected',
      packet({ ...udp, ...v6 }),
      candidate('2001:db8::1', { state: 'connected', remote: { address: bytes('2001:db8::9'), port: 5000 } }),
      2,
    ],
    [
      'dual-stack, connected over IPv4',
      packet(udp),
      candidate('::ffff:10.0.0.1', { state: 'connected', remote: { address: bytes('::ffff:10.0.0.9'), port: 5000 } }),
      9,
    ],
  ])('%s', (_, from, to, score) => {
    const judged = judge(from, to)
    expect(judged.score).toBe(score)
    expect(judged.points.reduce((sum, { points }) => sum + points, 0)).toBe(score)
  })

  it.each([
    ['another address', packet(), candidate('10.0.0.2'), /another address/],
    ['another interface', packet(), candidate('10.0.0.1', { interface: 3 }), /another interface/],
    ['IPv6 only', packet(), candidate('::', { v6only: true }), /only IPv6/],
    ['an IPv4 socket for IPv6', packet(v6), candidate('0.0.0.0'), /IPv4 socket/],
    ['an IPv6 address for IPv4', packet(), candidate('2001:db8::1'), /IPv6 address/],
    ['a socket that is not listening', packet(), candidate('10.0.0.1', { state: 'bound' }), /not listening/],
    ['connected to another port', packet({ ...udp, remotePort: 5001 }), candidate('10.0.0.1', client), /another port/],
    [
      'connected to another address',
      packet({ ...udp, remoteAddress: bytes('10.0.0.8') }),
      candidate('10.0.0.1', client),
      /another address/,
    ],
  ])('none for %s', (_, from, to, reason) => {
    expect(judge(from, to)).toMatchObject({ score: null, excluded: expect.stringMatching(reason) })
  })
})

describe('the walk', () => {
  it('checks sockets bound to the address itself first', () => {
    const exact = candidate('10.0.0.1')
    const wide = candidate('0.0.0.0', { interface: 2 })
    expect(lookup(packet(), [wide, exact])).toMatchObject({ winner: exact, pass: 'exact', orderDecides: false })
  })
  it('ends at the first group that beats all before it, though a later one would score higher', () => {
    const near = candidate('10.0.0.1', { interface: 2, order: 1 })
    const plain = candidate('10.0.0.1', { order: 0 })
    expect(lookup(packet(), [near, plain])).toMatchObject({ winner: plain, orderDecides: true })
    expect(
      lookup(packet(), [
        { ...near, order: 0 },
        { ...plain, order: 1 },
      ]).winner,
    ).toMatchObject({ interface: 2 })
  })
  it('goes on after sockets without SO_REUSEPORT, and after a group with connections', () => {
    const near = candidate('10.0.0.1', { interface: 2, order: 1, reuseport: false })
    const alone = candidate('10.0.0.1', { order: 0, reuseport: false })
    expect(lookup(packet(), [alone, near]).winner).toBe(near)
    const mixed = candidate('10.0.0.1', { order: 0, hasConnections: true, state: 'unconnected' })
    expect(lookup(packet(udp), [mixed, { ...near, state: 'unconnected' }]).winner).toMatchObject({ interface: 2 })
  })
  it('keeps IPv6 after IPv4, whichever was bound first', () => {
    const v4 = candidate('0.0.0.0', { order: 5 })
    const dual = candidate('::', { order: 0x1_0000_0000 })
    expect(lookup(packet(), [dual, v4])).toMatchObject({ winner: v4, orderDecides: false })
  })
  it('has no winner if no candidate takes the packet', () => {
    expect(lookup(packet(), [candidate('10.0.0.2')])).toEqual({ winner: null, pass: null, orderDecides: false })
    expect(lookup(packet(), [])).toMatchObject({ winner: null })
  })
  it('picks one of those that could win, and never a wildcard before an address', () => {
    const any = fc.record({
      text: fc.constantFrom('10.0.0.1', '0.0.0.0', '::', '::ffff:10.0.0.1', '10.0.0.2'),
      interface: fc.constantFrom(0, 2, 3),
      order: fc.nat(100),
      reuseport: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (list) => {
        const candidates = list.map(({ text, ...rest }) => candidate(text, rest))
        const { winner, pass } = lookup(packet(), candidates)
        const possible = candidates.filter((each) => judge(packet(), each).score !== null)
        expect(winner === null).toBe(possible.length === 0)
        if (winner === null) return
        expect(possible).toContain(winner)
        if (pass === 'wildcard') expect(possible.every((each) => judge(packet(), each).pass === 'wildcard')).toBe(true)
      }),
    )
  })
})

describe('an address in text', () => {
  it.each([
    ['127.0.0.1', 'ipv4'],
    ['::1', 'ipv6'],
    ['::ffff:127.0.0.1', 'ipv4'],
  ])('%s travels as %s', (text, family) => {
    expect(parseAddress(text)?.family).toBe(family)
  })
  it.each(['', 'localhost', '1.2.3', '256.1.1.1', 'fe80::1%lo', '[::1]', '1.2.3.4 '])('%j is not one', (text) => {
    expect(parseAddress(text)).toBeNull()
  })
})
