/** What every member is given, counted by BPF, against what the members themselves accept or receive. */
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { allowedCpus } from '../../electron/engine/lab/recipes/steering.ts'
import { BpfCounter, BpfFlows, needsBpf } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { makeNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketMaker, startSocketMaker } from './support/socket-maker.ts'

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context, 'count')
})

/** Waits until each member was given as much as it takes. A client that had found a queue full may still get in. */
async function expectEqual(counter: BpfCounter, maker: SocketMaker, made: readonly MadeSocket[], taken: number[]) {
  await eventually('each member took what it was given', async () => {
    for (const [at, one] of made.entries()) taken[at] = (taken[at] ?? 0) + (await maker.receive(one))
    await counter.read()
    return made.every((one, at) => counter.of(one) === taken[at])
  })
}

const scenario = fc.record({
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  place: fc.constantFrom(
    ...([
      [4, '127.0.0.1', '127.0.0.1'],
      [4, '0.0.0.0', '127.0.0.1'],
      [6, '::1', '::1'],
      [6, '::', '::1'],
      [6, '::', '127.0.0.1'],
    ] as const),
  ),
  members: fc.integer({ min: 1, max: 5 }),
  /** Some queues overflow. */
  backlog: fc.constantFrom(2, 128),
  rcvbuf: fc.constantFrom(2304, 212_992),
  syncookies: fc.constantFrom('0', '1', '2'),
  clients: fc.integer({ min: 1, max: 40 }),
  /** Members that join and leave in between. */
  joining: fc.integer({ min: 0, max: 2 }),
  leaving: fc.integer({ min: 0, max: 1 }),
})

test('100 random scenarios: each member is given exactly what it accepts or receives', async () => {
  await using one = await makeNamespace()
  await using two = await makeNamespace()
  await using first = await startSocketMaker({ netns: one.name })
  await using second = await startSocketMaker({ netns: two.name })
  await using counter = new BpfCounter()
  await counter.read()
  for (const [at, scene] of fc.sample(scenario, { numRuns: 100, seed: 20_261_130 }).entries()) {
    const [namespace, maker] = at % 2 ? [one, first] : [two, second]
    const { protocol, members, backlog, rcvbuf, syncookies, clients, joining, leaving } = scene
    const [family, address, target] = scene.place
    await namespace.sysctl('net.ipv4.tcp_syncookies', syncookies)
    const spec = { protocol, family, address, options: ['reuseport' as const], backlog, rcvbuf }
    const made = await maker.openTogether({ ...spec, count: members })
    const port = made[0]?.port ?? 0
    const send = () =>
      maker.fill({ protocol, address: target, port, count: clients, flows: clients, bytes: 64, patience: 0.2 })
    const taken: number[] = []
    await send()
    await expectEqual(counter, maker, made, taken)
    if (joining > 0) made.push(...(await maker.open({ ...spec, port, count: joining })))
    const left = made.splice(0, made.length > leaving ? leaving : 0)
    taken.splice(0, left.length)
    await maker.close(...left)
    await send()
    await expectEqual(counter, maker, made, taken)
    expect(
      taken.reduce((sum, count) => sum + count, 0),
      JSON.stringify(scene),
    ).toBeGreaterThan(0)
    await maker.drain()
    await maker.close(...made)
  }
})

test('a connection that waits for its data is not given yet; nor is what a socket without a group gets', async () => {
  await using maker = await startSocketMaker()
  await using counter = new BpfCounter()
  await counter.read()
  const address = '127.0.0.1'
  const [deferred] = (await maker.open({ protocol: 'tcp', address, options: ['reuseport'], deferAccept: true })) as [
    MadeSocket,
  ]
  const [alone] = (await maker.open({ protocol: 'tcp', address })) as [MadeSocket]
  for (const { port } of [deferred, alone]) await maker.fill({ protocol: 'tcp', address, port, count: 5 })
  await counter.read()
  expect([counter.of(deferred), counter.of(alone)]).toEqual([0, 0])
})

test('what several CPUs give a new socket at the same moment is counted whole', async (context) => {
  const [one, two] = allowedCpus()
  if (one === undefined || two === undefined) return context.skip('there is one CPU')
  await using maker = await startSocketMaker()
  await using counter = new BpfCounter()
  await using flows = new BpfFlows()
  await Promise.all([counter.read(), flows.read()])
  const address = '127.0.0.1'
  const made = await maker.open({ protocol: 'udp', address, options: ['reuseport'], count: 1000 })
  await maker.sendTogether(made, [one, two])
  await Promise.all([counter.read(), flows.read()])
  const wrong: string[] = []
  for (const one of made) {
    const received = await maker.receive(one)
    if (counter.of(one) !== received) wrong.push(`counted ${counter.of(one)} of ${received}`)
    if (flows.of(one).given !== received) wrong.push(`of clients: ${flows.of(one).given} of ${received}`)
  }
  expect(wrong).toEqual([])
})

test('counting began when the reader started, and a socket’s count starts with the socket', async () => {
  await using maker = await startSocketMaker()
  const address = '127.0.0.1'
  const [old] = (await maker.open({ protocol: 'tcp', address, options: ['reuseport'] })) as [MadeSocket]
  await maker.fill({ protocol: 'tcp', address, port: old.port, count: 3 })
  const before = Date.now()
  await using counter = new BpfCounter()
  const since = await counter.read()
  expect(since).toBeGreaterThanOrEqual(before)
  expect(since).toBeLessThanOrEqual(Date.now())
  expect(counter.of(old)).toBe(0)
  await maker.fill({ protocol: 'tcp', address, port: old.port, count: 4 })
  await counter.read()
  expect(counter.of(old)).toBe(4)
})
