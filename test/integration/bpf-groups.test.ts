/** The kernel's own groups, as the BPF reader gives them, against sockets made for the purpose. */
import { beforeEach, expect, test } from 'vitest'
import { BpfReader, needsBpf } from './support/bpf-reader.ts'
import { needsRoot } from './support/conditions.ts'
import { makeNamespace } from './support/namespace.ts'
import { type ClassicInstruction, type MadeSocket, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context)
})

const shared = { address: '127.0.0.1', options: ['reuseport'] } satisfies Partial<SocketSpec>
const cookies = (made: readonly MadeSocket[]) => made.map(({ cookie }) => cookie)

/** A maker in a namespace of its own, and a reader outside it. */
async function setUp() {
  const namespace = await makeNamespace()
  const maker = await startSocketMaker({ netns: namespace.name })
  const reader = new BpfReader()
  return {
    netns: namespace.inode,
    namespace,
    maker,
    reader,
    /** The group that alone has some of these sockets. */
    group: async (...made: MadeSocket[]) => {
      await reader.read()
      const [group, ...more] = reader.with(...made)
      if (group === undefined || more.length > 0) throw new Error(`in ${more.length + (group ? 1 : 0)} groups`)
      return group
    },
    [Symbol.asyncDispose]: async () => {
      await reader[Symbol.asyncDispose]()
      await maker.end()
      await namespace.remove()
    },
  }
}

const PROTOCOLS = ['tcp', 'udp'] as const
const FAMILIES = [
  [4, '127.0.0.1', false],
  [4, '0.0.0.0', true],
  [6, '::1', false],
  [6, '::', true],
] as const

test.each(
  PROTOCOLS.flatMap((protocol) => FAMILIES.map(([family, address, any]) => ({ protocol, family, address, any }))),
)(
  '$protocol on $address: members in the order of socks[], and whether the address is the wildcard',
  async ({ protocol, family, address, any }) => {
    await using it = await setUp()
    const made = await it.maker.openTogether({ protocol, family, address, options: ['reuseport'], count: 8 })
    const group = await it.group(...made)
    expect(group).toEqual({
      id: group.id,
      netns: it.netns,
      protocol,
      port: made[0]?.port,
      maxSocks: 128,
      bindInany: any,
      hasConns: false,
      members: cookies(made),
      ...(protocol === 'tcp' && { halfOpen: made.map(() => 0) }),
      closed: [],
      program: null,
    })
  },
)

test.each(PROTOCOLS)(
  '%s: the last member moves into the place of a closed one, the first included',
  async (protocol) => {
    await using it = await setUp()
    const made = await it.maker.openTogether({ ...shared, protocol, count: 6 })
    const [a, b, c, d, e, f] = made as [MadeSocket, MadeSocket, MadeSocket, MadeSocket, MadeSocket, MadeSocket]
    await it.maker.close(c)
    expect((await it.group(a)).members).toEqual(cookies([a, b, f, d, e]))
    await it.maker.close(a)
    expect((await it.group(b)).members).toEqual(cookies([e, b, f, d]))
  },
)

test.each(PROTOCOLS)('%s: a group that outgrows its array between two readings keeps its id', async (protocol) => {
  await using it = await setUp()
  const made = await it.maker.openTogether({ ...shared, protocol, count: 128 })
  const before = await it.group(...made)
  const { port } = made[0] as MadeSocket
  const more = await it.maker.open({ ...shared, protocol, port, count: 2 })
  const after = await it.group(...made, ...more)
  expect([before.maxSocks, before.members]).toEqual([128, cookies(made)])
  expect([after.maxSocks, after.members]).toEqual([256, cookies([...made, ...more])])
  expect(after.id).toBe(before.id)
})

test('only what changed is in the next answer, and an id that is used again stands for the new group', async () => {
  await using it = await setUp()
  const made: MadeSocket[][] = []
  const ids = new Set<number>()
  // Several, because other programs on the machine may get an id in the meantime, and keep it.
  for (let count = 0; count < 16; count++) {
    made.push(await it.maker.openTogether({ ...shared, protocol: 'tcp', count: 3 }))
    ids.add((await it.group(...(made.at(-1) ?? []))).id)
  }
  expect((await it.reader.read()).groups.filter(({ id }) => ids.has(id))).toEqual([])
  await it.maker.close(...made.flat())
  // The kernel gives the lowest free id: with those before them in use, the next group gets one of these again.
  const next: MadeSocket[][] = []
  let again: Awaited<ReturnType<typeof it.group>> | undefined
  while (again === undefined || !ids.has(again.id)) {
    next.push(await it.maker.openTogether({ ...shared, protocol: 'udp', count: 2 }))
    again = await it.group(...(next.at(-1) ?? []))
  }
  expect(again).toMatchObject({ protocol: 'udp', members: cookies(next.at(-1) ?? []) })
  await it.maker.close(...next.flat())
  expect((await it.reader.read()).removed).toContain(again.id)
})

test('one key, two groups: a listener that cleared the flag before others joined', async () => {
  await using it = await setUp()
  const [alone] = (await it.maker.open({ ...shared, protocol: 'tcp', clear: ['reuseport'] })) as [MadeSocket]
  const others = await it.maker.open({ ...shared, protocol: 'tcp', port: alone.port, count: 2 })
  await it.reader.read()
  expect(it.reader.with(...others).map(({ members }) => members)).toEqual([cookies(others)])
  expect(it.reader.with(alone).map(({ members }) => members)).toEqual([[alone.cookie]])
})

test('a UDP member that connects leaves its group, which remembers that it had connections', async () => {
  await using it = await setUp()
  const made = await it.maker.openTogether({ ...shared, protocol: 'udp', count: 3 })
  const [first, ...rest] = made as [MadeSocket, MadeSocket, MadeSocket]
  await it.maker.connect(first, ['127.0.0.1', 9])
  await it.reader.read()
  const group = it.reader.with(...rest)
  expect(group).toHaveLength(1)
  expect(group[0]).toMatchObject({ hasConns: true })
  expect([...(group[0]?.members ?? [])].sort()).toEqual(cookies(rest).sort())
  expect(it.reader.with(first)).toEqual([])
})

test('a member that no process holds is in its place', async () => {
  await using it = await setUp()
  const made = await it.maker.openTogether({ ...shared, protocol: 'tcp', count: 4 })
  await it.maker.sendAway(...made.slice(1, 3))
  expect((await it.group(made[0] as MadeSocket)).members).toEqual(cookies(made))
})

test('half-open requests, by listener', async () => {
  await using it = await setUp()
  const made = await it.maker.openTogether({ ...shared, protocol: 'tcp', deferAccept: true, count: 4 })
  // With TCP_DEFER_ACCEPT a request stays one until its client sends something.
  const { connected } = await it.maker.fill({
    protocol: 'tcp',
    address: '127.0.0.1',
    port: made[0]?.port ?? 0,
    count: 40,
  })
  expect(connected).toBe(40)
  const { halfOpen = [] } = await it.group(...made)
  expect(halfOpen).toHaveLength(4)
  expect(halfOpen.reduce((sum, one) => sum + one, 0)).toBe(40)
})

test('a listener that was shut down stands in the closed section with tcp_migrate_req', async () => {
  await using it = await setUp()
  await it.namespace.sysctl('net.ipv4.tcp_migrate_req', '1')
  const made = await it.maker.openTogether({ ...shared, protocol: 'tcp', count: 3 })
  const [first, ...rest] = made as [MadeSocket, MadeSocket, MadeSocket]
  await it.maker.shutDown(first)
  const group = await it.group(...made)
  expect([...group.members].sort()).toEqual(cookies(rest).sort())
  expect(group.closed).toEqual([first.cookie])
})

test.each(PROTOCOLS)('%s: the instructions of a classic program', async (protocol) => {
  await using it = await setUp()
  const made = await it.maker.openTogether({ ...shared, protocol, count: 2 })
  const [first] = made as [MadeSocket]
  // The CPU, modulo 2; then the longest one there may be.
  const short: ClassicInstruction[] = [
    [0x20, 0, 0, 0xfffff000 + 36],
    [0x94, 0, 0, 2],
    [0x16, 0, 0, 0],
  ]
  const long: ClassicInstruction[] = [
    ...Array.from({ length: 4095 }, (_, index): ClassicInstruction => [0, 0, 0, index]),
    [6, 0, 0, 1],
  ]
  for (const instructions of [short, long]) {
    await it.maker.attachClassic(first, instructions)
    expect((await it.group(...made)).program).toEqual({ instructions })
  }
  await it.maker.detach(first)
  expect((await it.group(...made)).program).toBeNull()
})

test.each([4, 8] as const)(
  'an extended program, and what stands under which key (values of %i bytes)',
  async (bytes) => {
    await using it = await setUp()
    const made = await it.maker.openTogether({ ...shared, protocol: 'tcp', count: 3 })
    const [a, b, c] = made as [MadeSocket, MadeSocket, MadeSocket]
    const before = Date.now()
    await it.maker.attachMap(a, [c, null, a, b, null], bytes)
    const { program } = await it.group(...made)
    if (program === null || !('maps' in program)) throw new Error('no extended program')
    expect(program).toMatchObject({
      name: 'pick_place',
      type: 21,
      mapCount: 1,
      tag: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    expect(program.id).toBeGreaterThan(0)
    // Both clocks are read within a second, whatever the load: one of them when it answered.
    expect(program.loadedAt).toBeGreaterThan(before - 1000)
    expect(program.loadedAt).toBeLessThan(Date.now() + 1000)
    expect(program.maps).toEqual([
      {
        id: expect.any(Number),
        name: 'places',
        type: 20,
        maxEntries: 5,
        sockets: [c.cookie, '', a.cookie, b.cookie, ''],
      },
    ])
    await it.maker.close(c)
    const after = (await it.group(a)).program
    expect(after !== null && 'maps' in after && after.maps[0]?.sockets).toEqual(['', '', a.cookie, b.cookie, ''])
  },
)
