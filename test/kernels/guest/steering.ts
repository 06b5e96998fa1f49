/** The member that a client reaches: real clients arrive where the kernel lookup said they would. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Endpoint } from '../../../electron/contract/analysis.ts'
import type { Protocol } from '../../../electron/contract/model.ts'
import type { SocketMaker, SocketSpec } from '../../integration/support/socket-maker.ts'
import type { Engine } from './product.ts'
import { isRoot, sharedEngine, sharedMaker } from './user.ts'

/** Each costs a refresh of the whole machine. A wrong answer is right for all of them once in 4,096 times: 4^-6. */
const CLIENTS = 6
/** None of these reaches a given member of four once in 10^31 times. */
const MAPPED = 250
const MEMBERS = 4

/** Clients with different addresses, so that the hash spreads them. */
const sources4 = Array.from({ length: CLIENTS }, (_, index) => `127.${index}.${(index * 7) % 256}.9`)

const families = [
  { protocol: 'tcp', family: 4, address: '127.0.0.1', sources: sources4 },
  { protocol: 'udp', family: 4, address: '127.0.0.1', sources: sources4 },
  { protocol: 'tcp', family: 6, address: '::1', sources: ['::1'] },
  { protocol: 'udp', family: 6, address: '::1', sources: ['::1'] },
] as const

/** Groups that could receive the same packet, in opening order; `winner` is the index of the one that does. */
const rivals: { name: string; to: string; winner: number; sockets: Partial<SocketSpec>[] }[] = [
  {
    name: 'an address beside the wildcard',
    to: '127.0.0.1',
    winner: 1,
    sockets: [{ address: '0.0.0.0' }, { address: '127.0.0.1' }],
  },
  {
    name: 'the wildcard for another address',
    to: '127.0.0.2',
    winner: 1,
    sockets: [{ address: '127.0.0.1' }, { address: '0.0.0.0' }],
  },
  {
    name: 'dual-stack alone, for IPv4',
    to: '127.0.0.1',
    winner: 0,
    sockets: [{ family: 6, address: '::', v6only: false }],
  },
  {
    name: 'IPv4 beside dual-stack, for IPv4',
    to: '127.0.0.1',
    winner: 1,
    sockets: [{ family: 6, address: '::', v6only: false }, { address: '0.0.0.0' }],
  },
  {
    name: 'an IPv6 address beside the wildcard',
    to: '::1',
    winner: 1,
    sockets: [
      { family: 6, address: '::' },
      { family: 6, address: '::1' },
    ],
  },
  {
    name: 'a bound interface beside none',
    to: '127.0.0.1',
    winner: 1,
    sockets: [{ address: '127.0.0.1' }, { address: '127.0.0.1', interface: 'lo' }],
  },
]

describe('lookup', () => {
  let engine: Engine
  let maker: SocketMaker
  before(async () => {
    ;[engine, maker] = await Promise.all([sharedEngine(), sharedMaker()])
  })

  const probe = (protocol: Protocol, local: Endpoint, clients: readonly [string, number][]) =>
    Promise.all(
      clients.map(([address, port]) => engine.client.steering.probe({ protocol, local, remote: { address, port } })),
    )

  for (const { protocol, family, address, sources } of families) {
    test(`${protocol} over IPv${family}: each of ${CLIENTS} clients reaches the member that was named`, async () => {
      const made = await maker.openTogether({ protocol, family, address, options: ['reuseport'], count: MEMBERS })
      const local = { address, port: made[0]?.port ?? 0 }
      const answers = await probe(
        protocol,
        local,
        await maker.clients({ protocol, count: CLIENTS, sources: [...sources] }),
      )
      assert.deepEqual(new Set(answers.map(({ steeredBy: by }) => by)), new Set(['hash']))
      assert.deepEqual(
        await maker.deliver(local),
        answers.map(({ member }) => member?.cookie),
      )
      const { shares, unserved: nobody } = await engine.client.steering.map({ protocol, local, clients: MAPPED })
      assert.deepEqual(new Set(shares.map(({ cookie }) => cookie)), new Set(made.map(({ cookie }) => cookie)))
      assert.equal(nobody, 0)
      await maker.close(...made)
    })
  }

  test('UDP shared by SO_REUSEADDR: the newest receives everything', async () => {
    const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseaddr'], count: 3 })
    const local = { address: '127.0.0.1', port: made[0]?.port ?? 0 }
    await maker.clients({ protocol: 'udp', count: CLIENTS, sources: sources4 })
    assert.deepEqual(new Set(await maker.deliver(local)), new Set([made[2]?.cookie]))
    const { shares } = await engine.client.steering.map({ protocol: 'udp', local, clients: 100 })
    assert.deepEqual(
      shares.filter(({ clients }) => clients > 0).map(({ cookie, clients }) => [cookie, clients]),
      [[made[2]?.cookie, 100]],
    )
    await maker.close(...made)
  })

  for (const protocol of ['tcp', 'udp'] as const) {
    for (const { name: rival, to, winner, sockets } of rivals) {
      test(`${protocol}, ${rival}: the path names the group that receives the packet`, async () => {
        const specs = sockets.map((spec): SocketSpec => ({ protocol, options: ['reuseport'], count: 2, ...spec }))
        const made = await maker.openTogether(...specs)
        const local = { address: to, port: made[0]?.port ?? 0 }
        const source = to.includes(':') ? '::1' : '127.0.0.1'
        const [client] = await maker.clients({ protocol, count: 1, sources: [source] })
        assert.ok(client)
        const [address, port] = client
        const path = await engine.client.steering.path({ protocol, local, remote: { address, port }, interface: 'lo' })
        const received = await maker.deliver(local)
        assert.deepEqual([path.lookup.member?.cookie], received)
        assert.ok(made.slice(2 * winner, 2 * winner + 2).some(({ cookie }) => cookie === received[0]))
        assert.equal(path.winner?.id, path.lookup.group?.id)
        assert.equal(path.agrees, true)
        await maker.close(...made)
      })
    }
  }

  test('a connected UDP socket: the receiver of each datagram was named', async (context) => {
    const spec: SocketSpec = { protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: MEMBERS }
    const made = await maker.openTogether(spec)
    const [first] = made
    assert.ok(first)
    const local = { address: '127.0.0.1', port: first.port }
    await maker.connect(first, ['127.0.0.1', 9])
    const answers = await probe(
      'udp',
      local,
      await maker.clients({ protocol: 'udp', count: CLIENTS, sources: sources4 }),
    )
    const received = await maker.deliver(local)
    assert.deepEqual(
      received,
      answers.map(({ member }) => member?.cookie ?? null),
    )
    const counts = made.map(({ cookie }) => received.filter((one) => one === cookie).length)
    if (isRoot)
      context.diagnostic(
        `${CLIENTS} datagrams over ${MEMBERS} UDP members, the first of them connected elsewhere: ${counts.join(', ')}`,
      )
    await maker.close(...made)
  })
})
