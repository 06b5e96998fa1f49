/** The path of a packet agrees with real traffic in each case of shadowing and scoring. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PacketPath } from '../../electron/contract/analysis.ts'
import { eventually, isRoot, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { addInterface, makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketMaker, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

let engine: TestEngine
let namespace: TestNamespace
let maker: SocketMaker
beforeAll(async () => {
  if (!isRoot) return
  engine = await startTestEngine()
  namespace = await makeNamespace()
  await addInterface(namespace, 'side', '10.1.2.3/24')
  maker = await startSocketMaker({ netns: namespace.name })
})
afterAll(async () => {
  await maker?.end()
  await namespace?.[Symbol.asyncDispose]()
  await engine?.close()
})
beforeEach(needsRoot)

type Case = {
  sockets: Partial<SocketSpec>[]
  to: string
  winner: number
  orderDecides?: boolean
  options?: SocketSpec['options']
}

/** Makes the sockets in order (two of each, so that each is a group), then predicts and sends 8 clients. */
async function follow(
  protocol: 'tcp' | 'udp',
  { sockets, to }: Case,
): Promise<{ paths: PacketPath[]; received: (string | null)[]; made: MadeSocket[][] }> {
  // A new process each time: if one swaps all its sockets, their owners are unknown for a while.
  await using maker = await startSocketMaker({ netns: namespace.name })
  const specs = sockets.map((spec): SocketSpec => ({ protocol, options: ['reuseport'], count: 2, ...spec }))
  const flat = await maker.openTogether(...specs)
  const made = specs.map((_, index) => flat.slice(2 * index, 2 * index + 2))
  const port = flat[0]?.port ?? 0
  const source = to.includes(':') ? '::1' : '127.0.0.1'
  const clients = await maker.clients({ protocol, count: 8, sources: [source] })
  const paths: PacketPath[] = []
  for (const [address, remotePort] of clients) {
    paths.push(
      await engine.client.steering.path({
        netns: namespace.name,
        protocol,
        local: { address: to, port },
        remote: { address, port: remotePort },
        // Packets from a host to itself arrive on lo.
        interface: 'lo',
      }),
    )
  }
  return { paths, received: await maker.deliver({ address: to, port }), made }
}

const v4 = { family: 4 } as const
const v6 = { family: 6 } as const
const dual = { family: 6, address: '::', v6only: false } as const

/**
 * `winner`: the index in `sockets`. Of two groups with different scores, the first in the kernel's list wins: the newest
 * for IPv4, the oldest for IPv6.
 */
const cases: [string, Case][] = [
  ['one group', { sockets: [{ ...v4, address: '127.0.0.1' }], to: '127.0.0.1', winner: 0 }],
  [
    'an address next to the wildcard',
    {
      sockets: [
        { ...v4, address: '0.0.0.0' },
        { ...v4, address: '127.0.0.1' },
      ],
      to: '127.0.0.1',
      winner: 1,
    },
  ],
  [
    'the wildcard next to an address, made later',
    {
      sockets: [
        { ...v4, address: '127.0.0.1' },
        { ...v4, address: '0.0.0.0' },
      ],
      to: '127.0.0.1',
      winner: 0,
    },
  ],
  [
    'the wildcard for another address',
    {
      sockets: [
        { ...v4, address: '127.0.0.1' },
        { ...v4, address: '0.0.0.0' },
      ],
      to: '127.0.0.2',
      winner: 1,
    },
  ],
  [
    'an IPv6 address next to the wildcard',
    {
      sockets: [
        { ...v6, address: '::' },
        { ...v6, address: '::1' },
      ],
      to: '::1',
      winner: 1,
    },
  ],
  ['IPv4 next to dual-stack, for IPv4', { sockets: [{ ...v4, address: '0.0.0.0' }, dual], to: '127.0.0.1', winner: 0 }],
  [
    'dual-stack next to IPv4, made first, for IPv4',
    { sockets: [dual, { ...v4, address: '0.0.0.0' }], to: '127.0.0.1', winner: 1 },
  ],
  ['dual-stack next to IPv4, for IPv6', { sockets: [dual, { ...v4, address: '0.0.0.0' }], to: '::1', winner: 0 }],
  ['dual-stack alone, for IPv4', { sockets: [dual], to: '127.0.0.1', winner: 0 }],
  [
    'IPv6 only next to IPv4, for IPv4',
    {
      sockets: [
        { ...v6, address: '::', v6only: true },
        { ...v4, address: '0.0.0.0' },
      ],
      to: '127.0.0.1',
      winner: 1,
    },
  ],
  [
    'an IPv4 address next to the same, mapped',
    {
      sockets: [
        { ...v6, address: '::ffff:127.0.0.1', v6only: false },
        { ...v4, address: '127.0.0.1' },
      ],
      to: '127.0.0.1',
      winner: 1,
    },
  ],
  [
    'a mapped address next to the IPv4 wildcard',
    {
      sockets: [
        { ...v4, address: '0.0.0.0' },
        { ...v6, address: '::ffff:127.0.0.1', v6only: false },
      ],
      to: '127.0.0.1',
      winner: 1,
    },
  ],
  [
    'an address next to the wildcard bound to the interface',
    {
      sockets: [
        { ...v4, address: '127.0.0.1' },
        { ...v4, address: '0.0.0.0', interface: 'lo' },
      ],
      to: '127.0.0.1',
      winner: 0,
    },
  ],
  [
    'IPv4: bound to the interface, made later',
    {
      sockets: [
        { ...v4, address: '0.0.0.0' },
        { ...v4, address: '0.0.0.0', interface: 'lo' },
      ],
      to: '127.0.0.1',
      winner: 1,
      orderDecides: true,
    },
  ],
  [
    'IPv4: bound to the interface, made first',
    {
      sockets: [
        { ...v4, address: '0.0.0.0', interface: 'lo' },
        { ...v4, address: '0.0.0.0' },
      ],
      to: '127.0.0.1',
      winner: 1,
      orderDecides: true,
    },
  ],
  [
    'IPv6: bound to the interface, made later',
    {
      sockets: [
        { ...v6, address: '::1' },
        { ...v6, address: '::1', interface: 'lo' },
      ],
      to: '::1',
      winner: 0,
      orderDecides: true,
    },
  ],
  [
    'IPv6: bound to the interface, made first',
    {
      sockets: [
        { ...v6, address: '::1', interface: 'lo' },
        { ...v6, address: '::1' },
      ],
      to: '::1',
      winner: 0,
      orderDecides: true,
    },
  ],
  [
    'bound to another interface',
    {
      sockets: [
        { ...v4, address: '0.0.0.0' },
        { ...v4, address: '0.0.0.0', interface: 'side' },
      ],
      to: '127.0.0.1',
      winner: 0,
    },
  ],
]

describe.each(['tcp', 'udp'] as const)('%s', (protocol) => {
  it.each(cases)('%s', async (_, each) => {
    const { paths, received, made } = await follow(protocol, each)
    const winners = made[each.winner]?.map(({ cookie }) => cookie) ?? []
    for (const cookie of received) expect(winners).toContain(cookie)
    for (const [index, path] of paths.entries()) {
      expect(path.agrees).toBe(true)
      expect(path.lookup.member?.cookie).toBe(received[index])
      expect(path.winner?.id).toBe(path.lookup.group?.id)
      expect(path.candidates, JSON.stringify(path.candidates)).toHaveLength(each.sockets.length)
      expect(path.candidates.filter(({ outcome }) => outcome === 'won')).toHaveLength(1)
      expect(path.orderDecides).toBe(each.orderDecides ?? false)
    }
  })
})

describe('UDP sockets that share by SO_REUSEADDR', () => {
  it.each([
    ['IPv4', '127.0.0.1', 4],
    ['IPv6', '::1', 6],
  ] as const)('%s: the newest wins, one scores like the other', async (_, address, family) => {
    const each: Case = { sockets: [{ family, address, options: ['reuseaddr'] }], to: address, winner: 0 }
    const { paths, received, made } = await follow('udp', each)
    expect(new Set(received)).toEqual(new Set([made[0]?.[1]?.cookie]))
    for (const path of paths) {
      expect(path).toMatchObject({ agrees: true, choice: { steeredBy: 'newest' } })
      expect(path.lookup.member?.cookie).toBe(made[0]?.[1]?.cookie)
    }
  })
})

describe('a connected UDP socket', () => {
  it('takes the datagrams of its own client and no others', async () => {
    const flat = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: 3 })
    const [one] = flat
    if (one === undefined) throw new Error('no socket was made')
    const clients = await maker.clients({ protocol: 'udp', count: 5, sources: ['127.0.0.1'] })
    const [client] = clients
    if (client === undefined) throw new Error('no client was made')
    await maker.connect(one, client)
    const paths: PacketPath[] = []
    for (const [address, port] of clients) {
      const local = { address: '127.0.0.1', port: one.port }
      paths.push(
        await engine.client.steering.path({ netns: namespace.name, protocol: 'udp', local, remote: { address, port } }),
      )
    }
    const received = await maker.deliver({ address: '127.0.0.1', port: one.port })
    await maker.close(...flat)
    expect(received[0]).toBe(one.cookie)
    expect(received.slice(1)).not.toContain(one.cookie)
    expect(paths[0]).toMatchObject({ agrees: true, choice: { steeredBy: 'connected' } })
    expect(paths[0]?.candidates.find(({ outcome }) => outcome === 'won')).toMatchObject({
      state: 'connected',
      score: 10,
    })
    for (const [index, path] of paths.slice(1).entries()) {
      expect(path.agrees).toBe(true)
      expect(path.lookup.member?.cookie).toBe(received[index + 1])
      expect(path.candidates.find(({ state }) => state === 'connected')?.reason).toMatch(/connected to another/)
    }
  })
})

describe('the steps', () => {
  it('name the process that is woken: the one that polls, not every holder', async () => {
    const flat = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
    await maker.epoll(...flat)
    const path = await engine.client.steering.path({
      netns: namespace.name,
      protocol: 'tcp',
      local: { address: '127.0.0.1', port: flat[0]?.port ?? 0 },
      remote: { address: '127.0.0.7', port: 40_000 },
    })
    await maker.close(...flat)
    expect(path.wakes).toEqual([{ pid: maker.pid, command: 'socket-maker', how: 'epoll' }])
    expect(path.steps.join(' ')).toMatch(/epoll: socket-maker/)
  })

  it('say that no socket takes the packet, and list sockets that are bound but not listening', async () => {
    const flat = await maker.openTogether({
      protocol: 'tcp',
      address: '127.0.0.1',
      state: 'bound',
      options: ['reuseport'],
    })
    const path = await eventually('the bound socket is seen, which is read less often', async () => {
      const now = await engine.client.steering.path({
        netns: namespace.name,
        protocol: 'tcp',
        local: { address: '127.0.0.1', port: flat[0]?.port ?? 0 },
        remote: { address: '127.0.0.7', port: 40_000 },
      })
      return now.candidates.length > 0 ? now : null
    })
    await maker.close(...flat)
    expect(path).toMatchObject({ winner: null, agrees: true, lookup: { steeredBy: 'none' } })
    expect(path.candidates[0]).toMatchObject({ state: 'bound', outcome: 'excluded', score: null })
  })
})
