/** The kernel lookup predicts which member real clients reach. */
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Probe } from '../../electron/contract/analysis.ts'
import { allowedCpus } from '../../electron/engine/lab/recipes/steering.ts'
import { needsBpf } from './support/bpf-reader.ts'
import { needsRoot } from './support/conditions.ts'
import { startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

const CLIENTS = 250
/** From how many CPUs clients are looked up at most (native/common/kernel_lookup.cc). */
const LOOKUP_CPUS = 16
/** An engine without any permissions. */
const NOBODY = 65534

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())

type Ask = (flow: {
  protocol: 'tcp' | 'udp'
  local: { address: string; port: number }
  remote: { address: string; port: number }
  netns?: string
}) => Promise<Probe>
const asRoot: Ask = (flow) => engine.client.steering.probe(flow)

/** Looks up each client, then sends it: the cookies of both, in order. */
async function foretold(ask: Ask, spec: SocketSpec, sources: string[], count = CLIENTS) {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...spec, options: ['reuseport'], count: 8 })
  const port = made[0]?.port ?? 0
  const address = spec.address ?? '127.0.0.1'
  const clients = await maker.clients({ protocol: spec.protocol, count, sources })
  const named: (string | null)[] = []
  for (const [from, fromPort] of clients) {
    const probe = await ask({
      protocol: spec.protocol,
      local: { address, port },
      remote: { address: from, port: fromPort },
    })
    expect(probe.steeredBy).toBe('hash')
    named.push(probe.member?.cookie ?? null)
  }
  const received = await maker.deliver({ address, port })
  return { named, received, members: made.map(({ cookie }) => cookie) }
}

const sources4 = Array.from({ length: 250 }, (_, index) => `127.${index}.${(index * 7) % 256}.${1 + (index % 250)}`)

const cases = [
  ['tcp', 4, '127.0.0.1', sources4],
  ['udp', 4, '127.0.0.1', sources4],
  ['tcp', 6, '::1', ['::1']],
  ['udp', 6, '::1', ['::1']],
] as const

describe.each(cases)('%s over IPv%s', (protocol, family, address, sources) => {
  it(`names the member that ${CLIENTS} real clients reach, as root`, async () => {
    const { named, received, members } = await foretold(asRoot, { protocol, family, address }, [...sources])
    expect(received).toEqual(named)
    expect(new Set(received)).toEqual(new Set(members))
  })

  it('names it as an unprivileged user too', async (context) => {
    needsRoot(context)
    await using stranger = await startChildEngine({ uid: NOBODY })
    const ask: Ask = (flow) => stranger.ask('steering.probe', flow) as Promise<Probe>
    const { named, received, members } = await foretold(ask, { protocol, family, address }, [...sources])
    expect(received).toEqual(named)
    expect(new Set(received)).toEqual(new Set(members))
  })
})

describe('an accessible namespace', () => {
  it.for(['tcp', 'udp'] as const)('%s is looked up there', async (protocol, context) => {
    needsRoot(context)
    await using namespace = await makeNamespace()
    await using maker = await startSocketMaker({ netns: namespace.name })
    const made = await maker.openTogether({ protocol, address: '127.0.0.1', options: ['reuseport'], count: 4 })
    const port = made[0]?.port ?? 0
    const clients = await maker.clients({ protocol, count: 100, sources: sources4 })
    const named: (string | null)[] = []
    for (const [address, remotePort] of clients) {
      const probe = await engine.client.steering.probe({
        netns: namespace.name,
        protocol,
        local: { address: '127.0.0.1', port },
        remote: { address, port: remotePort },
      })
      expect(probe.netns).toBe(namespace.inode)
      named.push(probe.member?.cookie ?? null)
    }
    expect(await maker.deliver({ address: '127.0.0.1', port })).toEqual(named)
  })
})

describe('what the kernel lookup cannot show', () => {
  it('is stated for BPF programs, which decide instead', async () => {
    await using maker = await startSocketMaker()
    const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 4 })
    const [first] = made
    if (first === undefined) throw new Error('no socket was made')
    await maker.attach(first, 2)
    const clients = await maker.clients({ protocol: 'tcp', count: 50, sources: sources4 })
    const probes: Probe[] = []
    for (const [address, port] of clients) {
      probes.push(
        await asRoot({ protocol: 'tcp', local: { address: '127.0.0.1', port: first.port }, remote: { address, port } }),
      )
    }
    const received = await maker.deliver({ address: '127.0.0.1', port: first.port })
    expect(new Set(received).size).toBe(1)
    for (const { member, steeredBy, warnings, reason } of probes) {
      if (steeredBy === 'program') {
        expect(member?.cookie).toBe(received[0])
        expect(reason).toMatch(/^The attached program returns 2 for this client/)
        continue
      }
      // Programs cannot be read here.
      expect(warnings.join(' ')).toContain('a BPF program attached to the group would decide instead')
      expect(reason).toMatch(/^Hash steering/)
    }
  })

  it('but a program does, which is run on the client where that tells enough', async (context) => {
    needsRoot(context)
    needsBpf(context)
    await using maker = await startSocketMaker()
    for (const protocol of ['tcp', 'udp'] as const) {
      const spec = { protocol, address: '127.0.0.1', options: ['reuseport' as const], count: 4 }
      const made = await maker.openTogether(spec)
      const [first] = made
      if (first === undefined) throw new Error('no socket was made')
      const local = { address: '127.0.0.1', port: first.port }
      // ldh [net + 20]: the source port behind an IPv4 header. 4 is no place, so the hash decides then.
      await maker.attachClassic(first, [
        [0x28, 0, 0, 0xfff00014],
        [0x94, 0, 0, 5],
        [0x16, 0, 0, 0],
      ])
      const clients = await maker.clients({ protocol, count: 60, sources: sources4 })
      const named: (string | null)[] = []
      for (const [address, port] of clients) {
        const { member, steeredBy } = await asRoot({ protocol, local, remote: { address, port } })
        expect(steeredBy).toBe(port % 5 === 4 ? 'hash' : 'program')
        named.push(member?.cookie ?? null)
      }
      expect(await maker.deliver(local)).toEqual(named)
      const map = await engine.client.steering.map({ protocol, local, clients: 500 })
      expect(map).toMatchObject({ undetermined: 0, unserved: 0 })
      // A random number: no member is named, and no share is drawn.
      await maker.attachClassic(first, [
        [0x20, 0, 0, 0xfffff038],
        [0x94, 0, 0, 4],
        [0x16, 0, 0, 0],
      ])
      await engine.client.snapshot({ selection: { port: first.port } })
      const path = await engine.client.steering.path({ protocol, local, remote: { address: '127.0.0.9', port: 4000 } })
      expect(path).toMatchObject({ choice: { steeredBy: 'program', among: 4 }, lookup: { member: null }, agrees: null })
      expect(path.lookup.reason).toContain('depending on a random number. It returns 0 to 3.')
      expect(await engine.client.steering.map({ protocol, local, clients: 500 })).toMatchObject({
        undetermined: 500,
        spread: null,
        summary: expect.stringMatching(/^A BPF program decides for all 500 clients/),
      })
    }
  })

  it('is stated for members that set SO_INCOMING_CPU', async (context) => {
    needsRoot(context)
    const cpus = allowedCpus().slice(0, LOOKUP_CPUS)
    if (cpus.length < 2) return context.skip('there is one CPU')
    await using maker = await startSocketMaker()
    const each = cpus.map((cpu): SocketSpec => ({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], cpu }))
    const made = await maker.openTogether(...each)
    const probe = await asRoot({
      protocol: 'udp',
      local: { address: '127.0.0.1', port: made[0]?.port ?? 0 },
      remote: { address: '127.0.0.7', port: 40_000 },
    })
    expect(probe.steeredBy).toBe('cpu')
    expect(probe.warnings.join(' ')).toMatch(/SO_INCOMING_CPU/)
    expect(probe.reason).toContain(`the kernel names ${Math.min(cpus.length, availableParallelism())} members`)
    // Sampled from a single CPU, all clients would reach its member, and an even group would look uneven.
    const map = await engine.client.steering.map({
      protocol: 'udp',
      local: { address: '127.0.0.1', port: made[0]?.port ?? 0 },
    })
    const share = Math.ceil(map.clients / cpus.length)
    expect(map.shares.map(({ cookie, clients }) => [cookie, clients]).sort()).toEqual(
      made.map(({ cookie }, at) => [cookie, Math.min(share, map.clients - at * share)]).sort(),
    )
  })
})

describe('a map of many clients', () => {
  it('counts each member, also those without clients, and judges the spread', async () => {
    await using maker = await startSocketMaker()
    const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: 8 })
    const local = { address: '127.0.0.1', port: made[0]?.port ?? 0 }
    const map = await engine.client.steering.map({ protocol: 'udp', local })
    expect(map.clients).toBe(4096)
    expect(map.shares.reduce((sum, { clients }) => sum + clients, 0)).toBe(4096)
    expect(new Set(map.shares.map(({ cookie }) => cookie))).toEqual(new Set(made.map(({ cookie }) => cookie)))
    expect(map.spread?.degreesOfFreedom).toBe(7)
    expect(map.summary).toMatch(/4,096 clients over 8 members/)
  })

  it('takes its clients from a prefix', async () => {
    await using maker = await startSocketMaker()
    const [made] = await maker.open({ protocol: 'tcp', family: 6, address: '::', options: ['reuseport'] })
    const local = { address: '::', port: made?.port ?? 0 }
    const map = await engine.client.steering.map({ protocol: 'tcp', local, clients: 100, prefix: '2001:db8:1::/48' })
    expect(map.prefix).toBe('2001:db8:1::/48')
    expect(map.shares).toEqual([{ cookie: made?.cookie, group: expect.any(String), clients: 100, share: 1 }])
    // A dual-stack listener takes IPv4 too.
    const v4 = await engine.client.steering.map({ protocol: 'tcp', local, clients: 10, prefix: '198.51.100.0/24' })
    expect(v4.family).toBe('ipv4')
    expect(v4.shares[0]?.clients).toBe(10)
  })

  it('says that the newest takes everything with SO_REUSEADDR', async () => {
    await using maker = await startSocketMaker()
    const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseaddr'], count: 3 })
    const local = { address: '127.0.0.1', port: made[0]?.port ?? 0 }
    const map = await engine.client.steering.map({ protocol: 'udp', local, clients: 100 })
    expect(map.shares[0]).toMatchObject({ cookie: made[2]?.cookie, clients: 100 })
    const probe = await asRoot({ protocol: 'udp', local, remote: { address: '127.0.0.7', port: 40_000 } })
    expect(probe).toMatchObject({ steeredBy: 'newest', member: { cookie: made[2]?.cookie } })
  })
})

describe('a query without a listener, or with an error', () => {
  const remote = { address: '127.0.0.7', port: 40_000 }
  const probe = (change: object) =>
    asRoot({ protocol: 'tcp', local: { address: '127.0.0.1', port: 9 }, remote, ...change })

  it('no socket listens', async () => {
    await using maker = await startSocketMaker()
    const [made] = await maker.open({ protocol: 'tcp', address: '127.0.0.9', options: ['reuseport'] })
    const answer = await probe({ local: { address: '127.0.0.1', port: made?.port ?? 0 } })
    expect(answer).toMatchObject({ steeredBy: 'none', member: null, group: null })
    expect(answer.reason).toContain(`127.0.0.9:${made?.port}`)
  })

  it('a live connection answers instead of its listener', async () => {
    await using maker = await startSocketMaker()
    const [made] = await maker.open({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] })
    const local = { address: '127.0.0.1', port: made?.port ?? 0 }
    await maker.fill({ protocol: 'tcp', ...local, count: 1 })
    const snapshot = await engine.client.snapshot({ selection: { port: local.port, all: true } })
    expect(snapshot.groups[0]?.queue.length).toBe(1)
    const { createConnection } = await import('node:net')
    const socket = createConnection({ host: local.address, port: local.port })
    await new Promise((resolve) => socket.once('connect', resolve))
    const answer = await probe({ local, remote: { address: '127.0.0.1', port: socket.localPort ?? 0 } })
    socket.resetAndDestroy()
    expect(answer).toMatchObject({ steeredBy: 'connection', member: null })
    expect(answer.reason).toMatch(/TIME_WAIT/)
  })

  it('a connected UDP socket receives its own client', async () => {
    await using maker = await startSocketMaker()
    const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
    const [first] = made
    if (first === undefined) throw new Error('no socket was made')
    await maker.connect(first, ['127.0.0.1', 41_234])
    const answer = await probe({
      protocol: 'udp',
      local: { address: '127.0.0.1', port: first.port },
      remote: { address: '127.0.0.1', port: 41_234 },
    })
    expect(answer).toMatchObject({ steeredBy: 'connected', member: { cookie: first.cookie, state: 'connected' } })
  })

  it.each([
    [
      'an invalid address',
      { remote: { address: '300.1.1.1', port: 1 } },
      'UNPROCESSABLE_CONTENT',
      /not an IPv4 or IPv6 address/,
    ],
    ['an address with a zone', { remote: { address: 'fe80::1%lo', port: 1 } }, 'UNPROCESSABLE_CONTENT', /zone/],
    ['two families', { remote: { address: '2001:db8::1', port: 1 } }, 'UNPROCESSABLE_CONTENT', /families differ/],
    [
      'IPv6 to 0.0.0.0',
      { local: { address: '0.0.0.0', port: 9 }, remote: { address: '2001:db8::1', port: 1 } },
      'UNPROCESSABLE_CONTENT',
      /accepts no IPv6/,
    ],
    ['a wildcard address as client', { remote: { address: '0.0.0.0', port: 1 } }, 'UNPROCESSABLE_CONTENT', /no client/],
    ['a multicast destination', { local: { address: '224.0.0.251', port: 9 } }, 'UNPROCESSABLE_CONTENT', /multicast/],
    ['an unknown namespace', { netns: 'nowhere' }, 'NOT_FOUND', /no accessible namespace/],
    ['an unknown interface', { interface: 'nosuch0' }, 'NOT_FOUND', /no interface of that name/],
    ['port 0', { remote: { address: '198.51.100.7', port: 0 } }, 'BAD_REQUEST', /validation/],
    ['port 65536', { local: { address: '127.0.0.1', port: 65_536 } }, 'BAD_REQUEST', /validation/],
  ])('%s', async (_, change, code, message) => {
    await expect(probe(change)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it.each(['1.2.3.4/33', 'x/8', '::/129', ''])('the prefix %j', async (prefix) => {
    const asked = engine.client.steering.map({ protocol: 'tcp', local: { address: '127.0.0.1', port: 9 }, prefix })
    await expect(asked).rejects.toMatchObject({ code: 'UNPROCESSABLE_CONTENT' })
  })

  it('a prefix of the other family', async () => {
    const asked = engine.client.steering.map({
      protocol: 'tcp',
      local: { address: '127.0.0.1', port: 9 },
      prefix: '::/0',
    })
    await expect(asked).rejects.toMatchObject({ code: 'UNPROCESSABLE_CONTENT' })
  })

  it('a removed group', async () => {
    await using maker = await startSocketMaker()
    const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
    const { groups } = await engine.client.snapshot({ selection: { port: made[0]?.port } })
    const id = groups[0]?.id ?? ''
    await maker.close(...made)
    await expect(engine.client.group.balance({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(engine.client.group.whatIf({ id: '0000000000000000', members: 2 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
