/** Sockets of every kind, made by the test, and the groups that the kernel's own rule makes of them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { needsRoot, yamaScope } from './support/conditions.ts'
import { startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { addInterface, makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketMaker, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { groupOf, groupsIn, type PlainGroup, sorted, startOf } from './support/truth.ts'

const NOBODY = 65534
let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())
beforeEach(needsRoot)

const tcp = (more: Partial<SocketSpec> = {}): SocketSpec => ({ protocol: 'tcp', options: ['reuseport'], ...more })
const udp = (more: Partial<SocketSpec> = {}): SocketSpec => ({ protocol: 'udp', options: ['reuseport'], ...more })

/**
 * Makes sockets in a namespace that holds nothing else, and compares everything that the engine says of it: as root, and
 * as an ordinary user of its own sockets.
 */
function compare(
  name: string,
  makeTruth: (maker: SocketMaker, namespace: TestNamespace) => Promise<PlainGroup[]>,
): void {
  test(`${name}, as root`, async () => {
    await using namespace = await makeNamespace()
    await using maker = await startSocketMaker({ netns: namespace.name })
    const truth = await makeTruth(maker, namespace)
    const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
    expect(groupsIn(snapshot, namespace.inode)).toEqual(sorted(truth))
  })
  test(`${name}, as another user`, async (context) => {
    if (yamaScope() > 0) context.skip('Yama forbids a user to look into his own processes (kernel.yama.ptrace_scope)')
    await using namespace = await makeNamespace()
    await using maker = await startSocketMaker({ netns: namespace.name, uid: NOBODY })
    const truth = await makeTruth(maker, namespace)
    await using own = await startChildEngine({ uid: NOBODY, netns: namespace.path })
    const snapshot = await own.snapshot({ selection: { all: true } })
    expect(groupsIn(snapshot, namespace.inode)).toEqual(sorted(truth))
  })
}

compare('TCP over IPv4: listeners of one address and port are one group, with certainty', async (maker, { inode }) => {
  const made = await maker.openTogether(tcp({ address: '127.0.0.1', count: 5, backlog: 7 }))
  return [groupOf(inode, 'reuseport', 'co-listening', made)]
})

compare('TCP over IPv6: the same', async (maker, { inode }) => {
  const made = await maker.openTogether(tcp({ family: 6, address: '::1', count: 3 }))
  return [groupOf(inode, 'reuseport', 'co-listening', made)]
})

compare('UDP over IPv4 and IPv6: the option says what it is', async (maker, { inode }) => {
  const four = await maker.openTogether(udp({ address: '127.0.0.1', count: 4 }))
  const six = await maker.openTogether(udp({ family: 6, address: '::1', count: 2, rcvbuf: 40_000 }))
  return [groupOf(inode, 'reuseport', 'socket-option', four), groupOf(inode, 'reuseport', 'socket-option', six)]
})

compare(
  'dual-stack and IPv6-only wildcards, and the wildcard of IPv4, are three groups on one port',
  async (maker, { inode }) => {
    const only = await maker.openTogether(tcp({ family: 6, address: '::', v6only: true, port: 5001, count: 2 }))
    const four = await maker.open(tcp({ address: '0.0.0.0', port: 5001, count: 2 }))
    const dual = await maker.open(tcp({ family: 6, address: '::', v6only: false, port: 5001, count: 2 }))
    return [only, four, dual].map((made) => groupOf(inode, 'reuseport', 'co-listening', made))
  },
)

compare('UDP: dual-stack and IPv6-only on one port', async (maker, { inode }) => {
  const only = await maker.open(udp({ family: 6, address: '::', v6only: true, port: 5002, count: 2 }))
  const dual = await maker.open(udp({ family: 6, address: '::', v6only: false, port: 5002, count: 2 }))
  return [only, dual].map((made) => groupOf(inode, 'reuseport', 'socket-option', made))
})

compare('an IPv4 address in IPv6 clothes is another family than the address itself', async (maker, { inode }) => {
  const mapped = await maker.open(tcp({ family: 6, address: '::ffff:127.0.0.1', port: 5003, count: 2 }))
  const plain = await maker.open(tcp({ address: '127.0.0.1', port: 5003, count: 2 }))
  const mappedUdp = await maker.open(udp({ family: 6, address: '::ffff:127.0.0.1', port: 5003, count: 2 }))
  const plainUdp = await maker.open(udp({ address: '127.0.0.1', port: 5003, count: 2 }))
  return [
    ...[mapped, plain].map((made) => groupOf(inode, 'reuseport', 'co-listening', made)),
    ...[mappedUdp, plainUdp].map((made) => groupOf(inode, 'reuseport', 'socket-option', made)),
  ]
})

compare('the wildcard and each specific address are groups of their own', async (maker, { inode }) => {
  const groups: MadeSocket[][] = []
  for (const address of ['0.0.0.0', '127.0.0.1', '127.0.0.2'])
    groups.push(await maker.open(tcp({ address, port: 5004, count: 3 })))
  return groups.map((made) => groupOf(inode, 'reuseport', 'co-listening', made))
})

compare('neighbouring ports and the two protocols do not mix', async (maker, { inode }) => {
  const one = await maker.open(tcp({ address: '127.0.0.1', port: 5005, count: 2 }))
  const two = await maker.open(tcp({ address: '127.0.0.1', port: 5006, count: 2 }))
  const other = await maker.open(udp({ address: '127.0.0.1', port: 5005, count: 2 }))
  return [
    groupOf(inode, 'reuseport', 'co-listening', one),
    groupOf(inode, 'reuseport', 'co-listening', two),
    groupOf(inode, 'reuseport', 'socket-option', other),
  ]
})

compare('a bound interface divides, and is named', async (maker, namespace) => {
  await addInterface(namespace, 'left')
  await addInterface(namespace, 'right')
  const groups: MadeSocket[][] = []
  for (const device of ['left', 'right', 'lo'])
    groups.push(await maker.open(tcp({ address: '0.0.0.0', port: 5007, interface: device, count: 2 })))
  const free = await maker.open(udp({ address: '0.0.0.0', port: 5007, count: 2 }))
  const bound = await maker.open(udp({ address: '0.0.0.0', port: 5007, interface: 'left', count: 2 }))
  return [
    ...groups.map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made)),
    groupOf(namespace.inode, 'reuseport', 'socket-option', free),
    groupOf(namespace.inode, 'reuseport', 'socket-option', bound),
  ]
})

compare('plain sockets share with nobody', async (maker, { inode }) => {
  const listener = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  const receiver = await maker.open({ protocol: 'udp', address: '127.0.0.1' })
  const again = await maker.open({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseaddr'] })
  return [listener, receiver, again].map((made) => groupOf(inode, 'none', 'none', made))
})

compare('a group of one is a group, because the option says so', async (maker, { inode }) => {
  const listener = await maker.open(tcp({ address: '127.0.0.1' }))
  const receiver = await maker.open(udp({ address: '127.0.0.1' }))
  return [listener, receiver].map((made) => groupOf(inode, 'reuseport', 'socket-option', made))
})

test('a lone listener of Multipath TCP is asked too, though its descriptor has a cookie of its own', async (context) => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.open(tcp({ address: '127.0.0.1', mptcp: true })).catch((error: unknown) => {
    if (/not supported|not available/.test(String(error))) context.skip('this kernel has no Multipath TCP')
    throw error
  })
  await maker.open({ protocol: 'tcp', address: '127.0.0.1', mptcp: true })
  const { groups } = await engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
  expect(groups).toHaveLength(2)
  for (const group of groups) {
    const [sharing, evidence] = group.port === made[0]?.port ? ['reuseport', 'socket-option'] : ['none', 'none']
    expect(group).toMatchObject({ sharing, evidence, members: [{ holders: [{ pid: maker.pid }] }] })
  }
})

compare('UDP with SO_REUSEADDR alone shares in another way', async (maker, { inode }) => {
  const made = await maker.openTogether(udp({ address: '127.0.0.1', options: ['reuseaddr'], count: 3 }))
  return [groupOf(inode, 'reuseaddr', 'socket-option', made)]
})

compare('both options, in either order, share by SO_REUSEPORT', async (maker, { inode }) => {
  const one = await maker.openTogether(udp({ address: '127.0.0.1', options: ['reuseaddr', 'reuseport'], count: 3 }))
  const two = await maker.openTogether(udp({ address: '127.0.0.1', options: ['reuseport', 'reuseaddr'], count: 3 }))
  const three = await maker.openTogether(tcp({ address: '127.0.0.1', options: ['reuseaddr', 'reuseport'], count: 3 }))
  return [
    groupOf(inode, 'reuseport', 'socket-option', one),
    groupOf(inode, 'reuseport', 'socket-option', two),
    groupOf(inode, 'reuseport', 'co-listening', three),
  ]
})

compare('TCP: clearing the flag after listen(2) takes nobody out of the group', async (maker, { inode }) => {
  const made = await maker.openTogether(
    tcp({ address: '127.0.0.1', count: 2 }),
    tcp({ address: '127.0.0.1', clear: ['reuseport'] }),
  )
  return [groupOf(inode, 'reuseport', 'co-listening', made)]
})

compare('TCP that is bound and does not listen is a member that receives nothing', async (maker, { inode }) => {
  const made = await maker.openTogether(
    tcp({ address: '127.0.0.1', count: 2 }),
    tcp({ address: '127.0.0.1', state: 'bound' }),
  )
  const lone = await maker.open({ protocol: 'tcp', address: '127.0.0.1', state: 'bound' })
  const six = await maker.open({ protocol: 'tcp', family: 6, address: '::1', state: 'bound' })
  return [
    groupOf(inode, 'reuseport', 'co-listening', made),
    groupOf(inode, 'none', 'none', lone),
    groupOf(inode, 'none', 'none', six),
  ]
})

compare(
  'connected UDP is shown as what it is, and its bytes are no part of what the group can take',
  async (maker, { inode }) => {
    const made = await maker.openTogether(
      udp({ address: '127.0.0.1', count: 2 }),
      udp({ address: '127.0.0.1', state: 'connected', remote: ['127.0.0.1', 9] }),
    )
    return [groupOf(inode, 'reuseport', 'socket-option', made)]
  },
)

compare('a socket that forked processes inherited is one queue, not a group', async (maker, { inode }) => {
  const [listener] = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  if (!listener) throw new Error('no socket was made')
  const pids = await maker.fork({ count: 3 })
  return [groupOf(inode, 'inherited', 'none', [listener], inheritedBy(listener, pids))]
})

/** All that a fork changes: more processes hold the same descriptor. */
function inheritedBy(made: MadeSocket, pids: number[]) {
  const [truth] = groupOf(0, 'inherited', 'none', [made]).members
  const own = truth?.holders?.[0]
  if (!own) throw new Error('a made socket has a holder')
  const holders = [own, ...pids.map((pid) => ({ ...own, pid, startedAt: startOf(pid) }))]
  return { members: [{ holders: holders.sort((a, b) => a.pid - b.pid) }] }
}

compare('members that forked processes inherited stay a group of as many queues', async (maker, { inode }) => {
  const made = await maker.openTogether(tcp({ address: '127.0.0.1', count: 3 }))
  const pids = await maker.fork({ count: 2 })
  return [
    groupOf(inode, 'reuseport', 'co-listening', made, {
      members: made.map((one) => inheritedBy(one, pids).members[0] ?? {}),
    }),
  ]
})

test('users divide a port of UDP with SO_REUSEPORT only by keeping each other out; a second user is refused', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33 })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  await first.open(udp({ address: '127.0.0.1', port: 5008 }))
  await expect(second.open(udp({ address: '127.0.0.1', port: 5008 }))).rejects.toThrow(/in use/)
})

test('another user who came in by SO_REUSEADDR stands beside the group, as himself', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33, command: 'owner' })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534, command: 'guest' })
  const both = udp({ address: '127.0.0.1', port: 5009, options: ['reuseaddr', 'reuseport'] })
  const owners = await first.open({ ...both, count: 2 })
  const guest = await second.open({ ...both, options: ['reuseaddr'] })
  const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
  expect(groupsIn(snapshot, namespace.inode)).toEqual(
    sorted([
      groupOf(namespace.inode, 'reuseport', 'socket-option', owners),
      groupOf(namespace.inode, 'none', 'none', guest),
    ]),
  )
})

test('sharing by SO_REUSEADDR alone knows no users: the group has none in common', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33 })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  const spec = udp({ address: '127.0.0.1', port: 5012, options: ['reuseaddr'] })
  const made = [...(await first.open(spec)), ...(await second.open(spec))]
  const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name } })
  expect(groupsIn(snapshot, namespace.inode)).toEqual([
    groupOf(namespace.inode, 'reuseaddr', 'socket-option', made, { uid: null, user: null }),
  ])
})

test('users of TCP groups are told apart by their own ports', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33 })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  const one = await first.open(tcp({ address: '127.0.0.1', port: 5010, count: 2 }))
  const two = await second.open(tcp({ address: '127.0.0.1', port: 5011, count: 2 }))
  const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name } })
  expect(groupsIn(snapshot, namespace.inode)).toEqual(
    sorted([one, two].map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made))),
  )
  const of = await engine.client.snapshot({ selection: { netns: namespace.name, user: 'www-data' } })
  expect(of.groups.map((group) => group.port)).toEqual([5010])
})
