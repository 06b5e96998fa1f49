/** Which client went to which member, sampled by BPF, against clients that the test made and what received them. */
import { beforeEach, expect, test } from 'vitest'
import { BpfFlows, needsBpf, type ReadFlow } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { makeNamespace } from './support/namespace.ts'
import { type MadeSocket, startSocketMaker } from './support/socket-maker.ts'

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context, 'flows')
})

/** Sampled of one member within a second, and bytes of the buffer (native/bpf/flow_records.h). */
const FLOWS_PER_SECOND = 32
const BUFFER_BYTES = 256 << 10

/** Other groups of this machine are sampled too. */
const of = (made: readonly MadeSocket[], flows: readonly ReadFlow[]) =>
  flows.filter(([cookie]) => made.some((one) => one.cookie === cookie))

test.each([
  ['tcp', 4, '127.0.0.1', '127.0.0.1'],
  ['tcp', 6, '::1', '::1'],
  ['tcp', 6, '::', '127.0.0.1'],
  ['udp', 4, '127.0.0.1', '127.0.0.1'],
  ['udp', 6, '::1', '::1'],
  ['udp', 6, '::', '127.0.0.1'],
] as const)(
  '%s%i at %s: each client of %s with the member that received it',
  async (protocol, family, address, client) => {
    await using maker = await startSocketMaker()
    const made = await maker.openTogether({ protocol, family, address, options: ['reuseport'], count: 4 })
    const port = made[0]?.port ?? 0
    await using reader = new BpfFlows()
    const before = Date.now()
    const { since } = await reader.read()
    expect(since).toBeGreaterThanOrEqual(before)
    // Fewer than the limit of one member, wherever they go.
    const clients = await maker.clients({ protocol, count: 30, sources: [client] })
    const received = await maker.deliver({ address: client, port })
    const own = of(made, (await reader.read()).flows)
    const after = Date.now()
    expect(own.map(([cookie, from, port]) => [cookie, from, port])).toEqual(
      clients.map(([from, port], at) => [received[at], from, port]),
    )
    expect(new Set(received).size).toBeGreaterThan(1)
    for (const [, , , at] of own) {
      expect(at).toBeGreaterThanOrEqual(since - 1)
      expect(at).toBeLessThanOrEqual(after + 1)
    }
    for (const one of made) {
      const count = received.filter((cookie) => cookie === one.cookie).length
      expect(reader.of(one)).toEqual({ given: count, sampled: count })
    }
  },
)

test('a flood of one member is sampled at a limited rate, and counted', async () => {
  await using maker = await startSocketMaker()
  const address = '127.0.0.1'
  const [made] = (await maker.open({ protocol: 'udp', address, options: ['reuseport'] })) as [MadeSocket]
  await using reader = new BpfFlows()
  await reader.read()
  const began = Date.now()
  await maker.fill({ protocol: 'udp', address, port: made.port, count: 200, flows: 5, bytes: 10 })
  const { flows } = await reader.read()
  const seconds = Math.ceil((Date.now() - began) / 1000)
  const { given, sampled } = reader.of(made)
  expect(given).toBe(200)
  expect(sampled).toBe(of([made], flows).length)
  expect(sampled).toBeGreaterThanOrEqual(FLOWS_PER_SECOND)
  expect(sampled).toBeLessThanOrEqual(FLOWS_PER_SECOND * (seconds + 1))
})

test('a full buffer leaves out flows, counts them, and has room again once it was read', async () => {
  await using maker = await startSocketMaker()
  const address = '127.0.0.1'
  const made = await maker.openTogether({ protocol: 'udp', address, options: ['reuseport'], count: 250 })
  const port = made[0]?.port ?? 0
  await using reader = new BpfFlows()
  await reader.read()
  const send = () => maker.fill({ protocol: 'udp', address, port, count: 20_000, flows: 2000, bytes: 10 })
  await send()
  const { flows } = await reader.read()
  const counts = () => made.map((one) => reader.of(one))
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0)
  expect(sum(counts().map(({ given }) => given))).toBe(20_000)
  expect(sum(counts().map(({ sampled }) => sampled))).toBe(of(made, flows).length)
  // A record takes 40 bytes, and 8 for the kernel's own header.
  const room = Math.floor(BUFFER_BYTES / 48)
  expect(of(made, flows).length).toBeLessThanOrEqual(room)
  expect(flows.length).toBeGreaterThanOrEqual(room)
  for (const one of made) await maker.receive(one)
  // A member whose rate is at its limit is sampled again in the next second.
  await eventually('there is room again', async () => {
    const [client] = await maker.clients({ protocol: 'udp', count: 1, sources: [address] })
    const received = await maker.deliver({ address, port })
    const { flows } = await reader.read()
    return flows.some(([cookie, , from]) => cookie === received[0] && from === client?.[1])
  })
})

test('with SYN cookies the clients are the same; a connection that moved from a closed listener is only counted', async () => {
  await using namespace = await makeNamespace()
  await namespace.sysctl('net.ipv4.tcp_syncookies', '2')
  await namespace.sysctl('net.ipv4.tcp_migrate_req', '1')
  await using maker = await startSocketMaker({ netns: namespace.name })
  const address = '127.0.0.1'
  const made = await maker.openTogether({ protocol: 'tcp', address, options: ['reuseport'], count: 2 })
  const [first, second] = made as [MadeSocket, MadeSocket]
  await using reader = new BpfFlows()
  await reader.read()
  const clients = await maker.clients({ protocol: 'tcp', count: 20, sources: [address] })
  const received = await maker.deliver({ address, port: first.port })
  const { flows } = await reader.read()
  expect(of(made, flows).map(([cookie, from, port]) => [cookie, from, port])).toEqual(
    clients.map(([from, port], at) => [received[at], from, port]),
  )
  await maker.attach(first, 0)
  await maker.fill({ protocol: 'tcp', address, port: first.port, count: 5 })
  await reader.read()
  const before = reader.of(second)
  await maker.close(first)
  const moved = await reader.read()
  expect(of(made, moved.flows)).toEqual([])
  expect(await maker.receive(second)).toBe(5)
  expect(reader.of(second)).toEqual({ given: before.given + 5, sampled: before.sampled })
  await eventually('the closed one is gone', async () => {
    await reader.read()
    return reader.of(first).given === 0
  })
})
