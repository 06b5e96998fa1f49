/** A network namespace without a process and without a name, kept alive by a socket held outside. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually, needsRoot } from './support/conditions.ts'
import { startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { groupOf, groupsIn } from './support/truth.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())
beforeEach(needsRoot)

const listener: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', port: 5302, options: ['reuseport'], count: 2 }

test('its sockets are listed with their holders until the last one is closed', async () => {
  await using namespace = await makeNamespace()
  await using daemon = await startSocketMaker({ netns: namespace.name, command: 'daemon' })
  const made = await daemon.open(listener)
  // It returns to its own namespace, and the name is removed too.
  await daemon.leave()
  await namespace.remove()

  const snapshot = await engine.client.snapshot({})
  expect(groupsIn(snapshot, namespace.inode)).toEqual([groupOf(namespace.inode, 'reuseport', 'co-listening', made)])
  expect(snapshot.namespaces).toContainEqual({
    inode: namespace.inode,
    name: `held by daemon ${daemon.pid}`,
    self: false,
  })
  const byInode = await engine.client.snapshot({ selection: { all: false, netns: String(namespace.inode) } })
  expect(byInode.groups).toHaveLength(1)

  await daemon.close(...made)
  await eventually('the namespace is released', async () => {
    const { namespaces } = await engine.client.snapshot({})
    return namespaces.every(({ inode }) => inode !== namespace.inode)
  })
})

test('it stays when its name is removed while it is watched', async () => {
  await using namespace = await makeNamespace()
  await using daemon = await startSocketMaker({ netns: namespace.name, command: 'daemon' })
  await daemon.open(listener)
  expect(groupsIn(await engine.client.snapshot({}), namespace.inode)).toHaveLength(1)
  await daemon.leave()
  await namespace.remove()
  for (let times = 0; times < 3; times++) {
    expect(groupsIn(await engine.client.snapshot({}), namespace.inode)).toHaveLength(1)
  }
})

test('it is reached through any kind of socket', async () => {
  await using namespace = await makeNamespace()
  await using daemon = await startSocketMaker({ netns: namespace.name, command: 'daemon' })
  const [kept] = await daemon.open({ protocol: 'udp', address: '127.0.0.1', port: 5303 })
  await daemon.leave()
  await namespace.remove()
  const snapshot = await engine.client.snapshot({ selection: { all: true } })
  expect(groupsIn(snapshot, namespace.inode).flatMap(({ members }) => members.map(({ cookie }) => cookie))).toEqual([
    kept?.cookie,
  ])
})

test('a socket that receives no packets does not keep it listed', async () => {
  await using namespace = await makeNamespace()
  await using daemon = await startSocketMaker({ netns: namespace.name, command: 'daemon' })
  const made = await daemon.open(listener)
  await using other = await startTestEngine()
  await daemon.leave()
  await namespace.remove()
  // Two engines read it, each through its own netlink socket there.
  for (const each of [engine, other]) {
    expect(groupsIn(await each.client.snapshot({}), namespace.inode)).toHaveLength(1)
  }
  await daemon.close(...made)
  await eventually('both have released it', async () => {
    const seen = [await engine.client.snapshot({}), await other.client.snapshot({})]
    return seen.every(({ namespaces }) => namespaces.every(({ inode }) => inode !== namespace.inode))
  })
})

test('a user who may not trace the holder does not see it, and gets no error', async () => {
  await using namespace = await makeNamespace()
  await using daemon = await startSocketMaker({ netns: namespace.name, command: 'daemon' })
  await daemon.open(listener)
  await daemon.leave()
  await namespace.remove()
  await using stranger = await startChildEngine({ uid: 65534 })
  const snapshot = await stranger.snapshot({})
  expect(snapshot.namespaces.every(({ inode }) => inode !== namespace.inode)).toBe(true)
})
