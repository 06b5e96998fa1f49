/** An ordinary user's engine, with its own sockets and those of others: it reports less, and never anything wrong. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { MemberRow, PermissionCheck } from '../../electron/contract/live.ts'
import type { Evidence, Sharing } from '../../electron/contract/model.ts'
import { eventually, needsRoot, yamaScope } from './support/conditions.ts'
import { type ChildEngine, startChildEngine } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketMaker, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { groupOf, groupsIn, sorted } from './support/truth.ts'

const NOBODY = 65534
let namespace: TestNamespace
let others: SocketMaker
let engine: ChildEngine

beforeAll(async () => {
  if (process.getuid?.() !== 0) return
  namespace = await makeNamespace()
  engine = await startOrdinary()
})
afterAll(async () => {
  await engine?.end()
  await namespace?.remove()
})
beforeEach(async (context) => {
  needsRoot(context)
  await eventually('the sockets of other tests are closed', async () => (await groups()).length === 0)
  others = await startSocketMaker({ netns: namespace.name, uid: 33 })
})
afterEach(() => others?.end())

const groups = async (by = engine) => groupsIn(await by.snapshot({ selection: { all: true } }), namespace.inode)
/** Another one is for a test that watches, which goes on, or that is about the first snapshot of an engine. */
const startOrdinary = () => startChildEngine({ uid: NOBODY, netns: namespace.path })
const idOf = async (engine: ChildEngine, { cookie }: MadeSocket) => {
  const { groups } = await engine.snapshot({ selection: { all: true } })
  return groups.find(({ members }) => members.some((member) => member.cookie === cookie))?.id
}
const hidden = (made: MadeSocket[]) => ({ members: made.map(() => ({ holders: null, pollers: null })) })
const udp: SocketSpec = { protocol: 'udp', address: '127.0.0.1', options: ['reuseport'] }
const tcp: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] }

test("others' TCP listeners: sharing is certain, owners are unknown", async () => {
  const four = await others.openTogether({ ...tcp, count: 3 })
  const six = await others.openTogether({ ...tcp, family: 6, address: '::', count: 2 })
  expect(await groups()).toEqual(
    sorted([four, six].map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made, hidden(made)))),
  )
})

test.each<[string, Partial<SocketSpec>]>([
  ['IPv4', { address: '127.0.0.1' }],
  ['the wildcard of IPv4', { address: '0.0.0.0' }],
  ['IPv6', { family: 6, address: '::1' }],
  ['the wildcard of IPv6', { family: 6, address: '::' }],
  ['the wildcard of IPv6 only', { family: 6, address: '::', v6only: true }],
  ['a mapped address', { family: 6, address: '::ffff:127.0.0.1' }],
  ['an interface', { address: '0.0.0.0', interface: 'lo' }],
])("others' UDP on %s: the kernel lookup distinguishes the two kinds of sharing", async (_, where) => {
  const ports = await others.openTogether({ ...udp, ...where, count: 4 })
  const addresses = await others.openTogether({ ...udp, ...where, options: ['reuseaddr'], count: 4 })
  expect(await groups()).toEqual(
    sorted([
      groupOf(namespace.inode, 'reuseport', 'kernel-lookup', ports, hidden(ports)),
      groupOf(namespace.inode, 'reuseaddr', 'kernel-lookup', addresses, hidden(addresses)),
    ]),
  )
})

test("others' UDP with both options is reported as sharing by SO_REUSEPORT", async () => {
  const made = await others.openTogether({ ...udp, options: ['reuseaddr', 'reuseport'], count: 4 })
  expect(await groups()).toEqual([groupOf(namespace.inode, 'reuseport', 'kernel-lookup', made, hidden(made))])
})

test('a socket that joins a port shared by SO_REUSEADDR is one of the sharing sockets, and of any user', async () => {
  await using more = await startSocketMaker({ netns: namespace.name, uid: 34 })
  const spec: SocketSpec = { ...udp, options: ['reuseaddr'], port: 5300 }
  const two = await others.open({ ...spec, count: 2 })
  const shared = (made: MadeSocket[], differs = {}) => [
    groupOf(namespace.inode, 'reuseaddr', 'kernel-lookup', made, { ...hidden(made), ...differs }),
  ]
  expect(await groups()).toEqual(shared(two))
  const three = [...two, ...(await others.open(spec))]
  expect(await groups()).toEqual(shared(three))
  const four = [...three, ...(await more.open(spec))]
  expect(await groups()).toEqual(shared(four, { uid: null, user: null }))
})

test('single sockets of several users on one port share it by SO_REUSEADDR', async () => {
  await using more = await startSocketMaker({ netns: namespace.name, uid: 34 })
  const [first] = await others.open({ ...udp, options: ['reuseaddr', 'reuseport'], port: 5300 })
  const [second] = await more.open({ ...udp, options: ['reuseport', 'reuseaddr'], port: 5300 })
  if (!first || !second) throw new Error('no sockets were made')
  expect(await groups()).toEqual([
    groupOf(namespace.inode, 'reuseaddr', 'kernel-lookup', [first, second], {
      ...hidden([first, second]),
      uid: null,
      user: null,
    }),
  ])
  await using watched = await startOrdinary()
  const change = (await watched.ask('group.changes', { id: await idOf(watched, first) })) as { joined: MemberRow[] }
  expect(change.joined.map(({ reuseport, reuseaddr }) => ({ reuseport, reuseaddr }))).toEqual([
    { reuseport: null, reuseaddr: null },
    { reuseport: null, reuseaddr: null },
  ])
})

test('a socket beside a group with unreadable options is not unshared: its sharing is unknown', async () => {
  await using more = await startSocketMaker({ netns: namespace.name, uid: 34 })
  const members = await others.open({ ...udp, options: ['reuseaddr', 'reuseport'], port: 5300, count: 4 })
  const closed = (sharing: Sharing, evidence: Evidence, made: MadeSocket[]) =>
    groupOf(namespace.inode, sharing, evidence, made, hidden(made))
  expect(await groups()).toEqual([closed('reuseport', 'kernel-lookup', members)])
  const guest = await more.open({ ...udp, options: ['reuseaddr'], port: 5300 })
  expect(await groups()).toEqual(
    sorted([closed('reuseport', 'kernel-lookup', members), closed('unknown', 'none', guest)]),
  )
  await others.close(...members)
  expect(await groups()).toEqual([closed('none', 'none', guest)])
})

test("others' single sockets: nothing is claimed", async () => {
  const receiver = await others.open(udp)
  const listener = await others.open(tcp)
  await using first = await startOrdinary()
  for (const group of await groups(first)) {
    expect(group).toMatchObject({ sharing: 'none', evidence: 'none' })
  }
  expect((await groups(first)).flatMap((group) => group.members.map((member) => member.cookie)).sort()).toEqual(
    [...receiver, ...listener].map((made) => made.cookie).sort(),
  )
})

test('its own sockets: everything, if the machine lets users trace their own processes', async () => {
  await using mine = await startSocketMaker({ netns: namespace.name, uid: NOBODY })
  const made = await mine.openTogether({ ...udp, count: 2 })
  // Yama (Documentation/admin-guide/LSM/Yama.rst) can forbid that; then the kernel lookup replaces the option.
  const evidence = yamaScope() > 0 ? 'kernel-lookup' : 'socket-option'
  expect(await groups()).toEqual([groupOf(namespace.inode, 'reuseport', evidence, made)])
})

test('a server of its own user that dropped its privileges is unreadable anyway', async () => {
  await using dropped = await startSocketMaker({ netns: namespace.name, uid: NOBODY, closed: true })
  const made = await dropped.openTogether({ ...udp, count: 2 })
  expect(await groups()).toEqual([groupOf(namespace.inode, 'reuseport', 'kernel-lookup', made, hidden(made))])
})

test('hidden data is counted and reported, with a hint', async () => {
  await others.openTogether({ ...tcp, count: 3 })
  await using watched = await startOrdinary()
  const change = (await watched.ask('groups.changes', {})) as { totals: { ownersHidden: number } }
  expect(change.totals.ownersHidden).toBe(3)
  const { host, checks } = (await watched.ask('machine.capabilities')) as {
    host: { uid: number }
    checks: PermissionCheck[]
  }
  expect(host.uid).toBe(NOBODY)
  const stateOf = (id: string) => checks.find((check) => check.id === id)?.state
  expect(stateOf('sockets')).toBe('yes')
  expect(stateOf('owners')).not.toBe('yes')
  expect(checks.find((check) => check.id === 'owners')?.hint).toMatch(/root/)
})
