/** Whether a bind would succeed, and which socket answers on a port: held against the kernel, which really does it. */
import { constants } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type PortBind, PortUse } from '../../electron/contract/port.ts'
import { needsRoot } from './support/conditions.ts'
import { type ChildEngine, startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { addInterface, makeNamespace, type TestNamespace } from './support/namespace.ts'
import {
  type MadeSocket,
  type Option,
  type SocketMaker,
  type SocketSpec,
  startSocketMaker,
} from './support/socket-maker.ts'

const NOBODY = 65534
/** A user without any socket, which a bind of "another user" is tried as. */
const STRANGER = 12_345

let engine: TestEngine
let stranger: ChildEngine
let namespace: TestNamespace
let maker: SocketMaker
beforeAll(async () => {
  if (process.geteuid?.() !== 0) return
  engine = await startTestEngine()
  namespace = await makeNamespace()
  await addInterface(namespace, 'side', '10.1.2.3/24')
  await namespace.ip('addr', 'replace', '10.1.2.3/24', 'broadcast', '10.1.2.255', 'dev', 'side')
  await namespace.ip('route', 'add', '224.0.0.0/4', 'dev', 'lo')
  await namespace.ip('route', 'add', '255.255.255.255/32', 'dev', 'side')
  maker = await startSocketMaker({ netns: namespace.name })
  stranger = await startChildEngine({ uid: NOBODY, netns: `/run/netns/${namespace.name}` })
})
afterAll(async () => {
  await maker?.end()
  await stranger?.end()
  await engine?.close()
  await namespace?.[Symbol.asyncDispose]()
})

const PLACES: readonly Pick<SocketSpec, 'family' | 'address' | 'v6only'>[] = [
  { family: 4, address: '0.0.0.0' },
  { family: 4, address: '127.0.0.1' },
  { family: 4, address: '127.0.0.2' },
  { family: 6, address: '::', v6only: false },
  { family: 6, address: '::', v6only: true },
  { family: 6, address: '::1' },
  { family: 6, address: '::ffff:127.0.0.1', v6only: false },
]
const OPTIONS: readonly Option[][] = [[], ['reuseaddr'], ['reuseport'], ['reuseaddr', 'reuseport']]

/** The same scenarios in every run (mulberry32). */
function chooser(seed: number) {
  let state = seed
  return <Item>(items: readonly Item[]): Item => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    const item = items[((mixed ^ (mixed >>> 14)) >>> 0) % items.length]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
}

/** Sockets that the kernel allows beside each other, open now. */
async function openScenario(
  choose: ReturnType<typeof chooser>,
  protocol: 'tcp' | 'udp',
  port: number,
): Promise<MadeSocket[]> {
  const made: MadeSocket[] = []
  for (let wanted = choose([1, 2, 3, 4]); wanted > 0; wanted--) {
    const spec: SocketSpec = {
      protocol,
      port,
      ...choose(PLACES),
      // Often the same, so that sockets meet.
      options: choose([choose(OPTIONS), choose(OPTIONS), ['reuseport'], ['reuseaddr', 'reuseport']]),
      user: choose([0, 0, NOBODY]),
      state: protocol === 'udp' ? 'bound' : choose(['listen', 'bound'] as const),
    }
    made.push(...(await maker.open(spec).catch(() => [])))
  }
  return made
}

const ERRORS: Readonly<Record<string, number>> = constants.errno

/** The binds that the answer is wrong about, and how many it does not know. */
async function compare(specs: readonly SocketSpec[], binds: readonly PortBind[], port: number) {
  const attempts = binds.map(
    ({ protocol, family, address, v6only, uid, options }): SocketSpec => ({
      protocol,
      port,
      address,
      family: family === 'ipv6' ? 6 : 4,
      ...(address === '::' && { v6only }),
      user: uid ?? STRANGER,
      options: [
        ...(options.reuseaddr ? (['reuseaddr'] as const) : []),
        ...(options.reuseport ? (['reuseport'] as const) : []),
      ],
    }),
  )
  const errors = await maker.tryBinds(specs, attempts)
  const wrong = binds.flatMap((bind, at) => {
    if (bind.succeeds === null) return []
    const expected = bind.error === null ? 0 : (ERRORS[bind.error] ?? -1)
    if (errors[at] === expected) return []
    const { refusedBy: _, ...about } = bind
    return [JSON.stringify({ specs, bind: about, errno: errors[at] })]
  })
  return { wrong, unknown: binds.filter(({ succeeds }) => succeeds === null).length }
}

it('says right which binds succeed, in 200 random scenarios', async (context) => {
  needsRoot(context)
  const choose = chooser(19)
  let asked = 0
  let unknown = 0
  // Each port has two, one per protocol: they do not meet.
  for (let port = 20_000; port < 20_100; port++) {
    const made = [...(await openScenario(choose, 'tcp', port)), ...(await openScenario(choose, 'udp', port))]
    const { binds } = await engine.client.machine.port({ port, netns: namespace.name })
    await maker.close(...made)
    const specs = made.map(({ spec }) => spec)
    const result = await compare(specs, binds, port)
    expect(result.wrong).toEqual([])
    const cookies = new Set(made.map(({ cookie }) => cookie))
    for (const { refusedBy } of binds) if (refusedBy !== null) expect(cookies).toContain(refusedBy.cookie)
    asked += binds.length
    unknown += result.unknown
  }
  // What depends on the order of the binds is not visible: root knows everything else.
  expect(unknown / asked).toBeLessThan(0.03)
})

it('says nothing wrong as a user that cannot read the options of others', async (context) => {
  needsRoot(context)
  const choose = chooser(20)
  let known = 0
  for (let port = 21_000; port < 21_015; port++) {
    const made = [...(await openScenario(choose, 'tcp', port)), ...(await openScenario(choose, 'udp', port))]
    const answer = PortUse.parse(await stranger.ask('machine.port', { port }))
    const binds = answer.binds.filter(({ netns }) => netns === namespace.inode)
    await maker.close(...made)
    const { wrong, unknown } = await compare(
      made.map(({ spec }) => spec),
      binds,
      port,
    )
    expect(wrong).toEqual([])
    known += binds.length - unknown
  }
  expect(known).toBeGreaterThan(0)
})

it('connections that workers of another user accepted do not refuse the next listener of the group', async (context) => {
  needsRoot(context)
  const spec: SocketSpec = {
    protocol: 'tcp',
    address: '127.0.0.1',
    port: 22_000,
    options: ['reuseport'],
    acceptAs: NOBODY,
  }
  const made = await maker.open(spec)
  const { binds, holders } = await engine.client.machine.port({ port: 22_000, netns: namespace.name, protocol: 'tcp' })
  expect(holders.map(({ state, user }) => `${state} ${user}`).sort()).toEqual(['established nobody', 'listening root'])
  await maker.close(...made)
  await maker.drain()
  expect((await compare([spec], binds, 22_000)).wrong).toEqual([])
  const joining = binds.filter(({ joins }) => joins !== null)
  expect(joining.map(({ address, uid, succeeds }) => [address, uid, succeeds])).toEqual([
    ['127.0.0.1', 0, true],
    ['127.0.0.1', 0, true],
  ])
})

it('an address that is not here cannot be bound, unless the namespace allows it', async (context) => {
  needsRoot(context)
  for (const address of ['192.0.2.1', '2001:db8::1', '10.1.2.3', '127.0.0.9']) {
    const { binds } = await engine.client.machine.port({
      port: 22_001,
      netns: namespace.name,
      protocol: 'udp',
      address,
    })
    const here = address === '10.1.2.3' || address === '127.0.0.9'
    expect(new Set(binds.map(({ error }) => error))).toEqual(new Set([here ? null : 'EADDRNOTAVAIL']))
    expect((await compare([], binds, 22_001)).wrong).toEqual([])
  }
})

it('names for each address the socket that clients reach, and what it shadows', async (context) => {
  needsRoot(context)
  const [wide] = await maker.open({ protocol: 'udp', address: '0.0.0.0', port: 22_002 })
  const [narrow] = await maker
    .open({ protocol: 'udp', address: '10.1.2.3', port: 22_002, options: ['reuseaddr'] })
    .catch(() => [])
  expect(narrow).toBeUndefined()
  await maker.close(...(wide ? [wide] : []))
  const made = await maker.open(
    { protocol: 'udp', address: '0.0.0.0', port: 22_002, options: ['reuseaddr'] },
    { protocol: 'udp', address: '10.1.2.3', port: 22_002, options: ['reuseaddr'] },
    { protocol: 'udp', family: 6, v6only: true, address: '::', port: 22_002, options: ['reuseport'], count: 2 },
  )
  const { reaches, groups } = await engine.client.machine.port({ port: 22_002, netns: namespace.name, protocol: 'udp' })
  const named = (id: string | null) => groups.find((group) => group.id === id)?.address ?? null
  const answers = Object.fromEntries(
    reaches.map(({ family, address, group, among, shadowed }) => [
      address ?? family,
      [named(group), among, shadowed.map(named)],
    ]),
  )
  expect(answers).toMatchObject({
    '127.0.0.1': ['0.0.0.0', 1, []],
    '10.1.2.3': ['10.1.2.3', 1, ['0.0.0.0']],
    '::1': ['::', 2, []],
    ipv4: ['0.0.0.0', 1, []],
    ipv6: ['::', 2, []],
  })
  await maker.clients({ protocol: 'udp', count: 1, sources: ['127.0.0.1'] })
  expect(await maker.deliver({ address: '10.1.2.3', port: 22_002 })).toEqual([made[1]?.cookie])
  await maker.close(...made)
})

it.for([
  { address: '224.0.0.251', kind: 'multicast' },
  { address: '10.1.2.255', kind: 'broadcast' },
  { address: '255.255.255.255', kind: 'broadcast' },
])(
  'says that each socket gets a copy of what is sent to $address, as the kernel gives it',
  async ({ address, kind }, context) => {
    needsRoot(context)
    const port = 22_003
    const join = kind === 'multicast' ? { join: address } : {}
    const at: SocketSpec = { protocol: 'udp', port, options: ['reuseport'] }
    const made = await maker.open(
      { ...at, address, ...join, count: 2 },
      { ...at, address: '0.0.0.0', count: 2 },
      { ...at, address: '10.1.2.3' },
      { ...at, family: 6, v6only: true, address: '::' },
    )
    const asked = { port, netns: namespace.name, protocol: 'udp' } as const
    const { reaches, groups, binds } = await engine.client.machine.port(asked)
    const answers = reaches
      .filter((reach) => reach.address === address)
      .map(({ group, among, steeredBy, reason }) => ({
        group: groups.find(({ id }) => id === group)?.address,
        among,
        steeredBy,
        reason,
      }))
    const copies = { among: 2, steeredBy: 'copies', reason: expect.stringContaining(`A ${kind} address: each`) }
    expect(answers).toHaveLength(2)
    expect(answers).toEqual(expect.arrayContaining([address, '0.0.0.0'].map((group) => ({ ...copies, group }))))
    // The other answers are about clients of one address, as ever.
    expect(reaches.find((reach) => reach.address === '10.1.2.3')).toMatchObject({ among: 1, steeredBy: 'single' })

    await maker.fill({ protocol: 'udp', address, port, count: 3 })
    const received = await Promise.all(made.map((socket) => maker.receive(socket)))
    expect(received).toEqual([3, 3, 3, 3, 0, 0])
    await maker.close(...made)
    const specs = made.map(({ spec }) => spec)
    expect((await compare(specs, binds, port)).wrong).toEqual([])
  },
)

it('says that TCP accepts no connection to a broadcast address', async (context) => {
  needsRoot(context)
  const made = await maker.open({ protocol: 'tcp', address: '10.1.2.255', port: 22_004 })
  const { reaches } = await engine.client.machine.port({ port: 22_004, netns: namespace.name, protocol: 'tcp' })
  expect(reaches.find(({ address }) => address === '10.1.2.255')).toMatchObject({
    group: null,
    steeredBy: 'none',
    reason: '10.1.2.255 is a broadcast address: TCP accepts no connection to it.',
  })
  await maker.close(...made)
})
