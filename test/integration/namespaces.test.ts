/** Several network namespaces: found, named, entered and released. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Selection } from '../../electron/contract/contract.ts'
import { EngineCore } from '../../electron/engine/engine-core.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { addonPath, startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { addInterface, makeNamespace } from './support/namespace.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { groupOf, groupsIn } from './support/truth.ts'

const run = promisify(execFile)
let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())
beforeEach(needsRoot)

const listener: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', port: 6001, options: ['reuseport'], count: 2 }

test('the same address and port in two namespaces are two groups with different ids', async () => {
  await using one = await makeNamespace()
  await using two = await makeNamespace()
  await using makerOne = await startSocketMaker({ netns: one.name })
  await using makerTwo = await startSocketMaker({ netns: two.name })
  const madeOne = await makerOne.open(listener)
  const madeTwo = await makerTwo.open({ ...listener, count: 3 })
  const snapshot = await engine.client.snapshot({})
  expect(groupsIn(snapshot, one.inode)).toEqual([groupOf(one.inode, 'reuseport', 'co-listening', madeOne)])
  expect(groupsIn(snapshot, two.inode)).toEqual([groupOf(two.inode, 'reuseport', 'co-listening', madeTwo)])
  const ids = snapshot.groups.map((group) => group.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(snapshot.namespaces).toContainEqual({ inode: one.inode, name: one.name, self: false })
  expect(snapshot.namespaces).toContainEqual({ inode: two.inode, name: two.name, self: false })
  expect(snapshot.namespaces.filter((namespace) => namespace.self)).toMatchObject([
    { inode: statSync('/proc/self/ns/net').ino },
  ])
})

test('an id is the same in every refresh and after the group was absent', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const idNow = async () =>
    (await engine.client.snapshot({ selection: { netns: namespace.name } })).groups.map((group) => group.id)
  const made = await maker.open(listener)
  const before = await idNow()
  expect(before).toHaveLength(1)
  expect(await idNow()).toEqual(before)
  await maker.close(...made)
  await eventually('the group is removed', async () => (await idNow()).length === 0)
  await maker.open(listener)
  expect(await idNow()).toEqual(before)
})

test('a namespace is found by its inode too', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  await maker.open(listener)
  const snapshot = await engine.client.snapshot({ selection: { netns: String(namespace.inode) } })
  expect(snapshot.groups).toHaveLength(1)
})

test('a namespace without a name is named after a process in it', async () => {
  const namespace = await makeNamespace()
  const maker = await startSocketMaker({ netns: namespace.name, command: 'hermit' })
  try {
    await maker.open(listener)
    await namespace.remove()
    const snapshot = await eventually('the name is no longer that of ip netns', async () => {
      const taken = await engine.client.snapshot({})
      return taken.namespaces.some(({ name }) => name === namespace.name) ? null : taken
    })
    const found = snapshot.namespaces.find(({ inode }) => inode === namespace.inode)
    expect(found?.name).toContain('hermit')
    expect(snapshot.groups.filter((group) => group.netns === namespace.inode)).toHaveLength(1)
  } finally {
    await maker.end()
  }
})

test('a namespace without a name is found by its inode, even without owners', async () => {
  const namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  await maker.open(listener)
  await namespace.remove()
  const core = new EngineCore({ addonPath })
  try {
    const selection = Selection.parse({ netns: String(namespace.inode) })
    const { groups } = await core.snapshot({ selection, owners: false })
    expect(groups).toMatchObject([{ port: 6001, members: [{ holders: null }, { holders: null }] }])
  } finally {
    await core.close()
  }
})

test('a namespace that all others have left is released, with its groups', async () => {
  const namespace = await makeNamespace()
  const maker = await startSocketMaker({ netns: namespace.name })
  await maker.open(listener)
  const count = async () =>
    (await engine.client.snapshot({})).groups.filter((group) => group.netns === namespace.inode).length
  expect(await count()).toBe(1)
  await namespace.remove()
  await maker.end()
  await eventually('the namespace is removed', async () => {
    const { groups, namespaces } = await engine.client.snapshot({})
    return ![...groups.map(({ netns }) => netns), ...namespaces.map(({ inode }) => inode)].includes(namespace.inode)
  })
  await expect(engine.client.snapshot({ selection: { netns: namespace.name } })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

test('an abandoned namespace is released even while nothing is read, and its interfaces end', async () => {
  const namespace = await makeNamespace()
  const maker = await startSocketMaker({ netns: namespace.name })
  const outside = `rpi${process.pid}`
  await run('ip', ['link', 'add', outside, 'type', 'veth', 'peer', 'name', 'inside', 'netns', namespace.name])
  // Reading its name opens more sockets in that namespace.
  await maker.open({ ...listener, address: '0.0.0.0', interface: 'inside' })
  await using watching = await startChildEngine()
  const { groups } = await watching.snapshot({ selection: { netns: namespace.name } })
  expect(groups.map((group) => group.interface)).toEqual(['inside'])
  await namespace.remove()
  await maker.end()
  const there = () =>
    run('ip', ['link', 'show', outside]).then(
      () => true,
      () => false,
    )
  await eventually('the other end is removed too', async () => !(await there()))
  const after = await watching.snapshot({})
  expect(after.namespaces.map(({ inode }) => inode)).not.toContain(namespace.inode)
})

test("a container's namespace is not called the host's, though its first process is pid 1 there", async () => {
  await using contained = await startChildEngine({ contained: true })
  const { namespaces } = await contained.snapshot({})
  expect(namespaces).toHaveLength(1)
  expect(namespaces[0]?.self).toBe(true)
  expect(namespaces[0]?.name).not.toBe('host')
})

test('a renamed interface has its new name', async () => {
  await using namespace = await makeNamespace()
  await addInterface(namespace, 'before')
  await using maker = await startSocketMaker({ netns: namespace.name })
  await maker.open({ ...listener, address: '0.0.0.0', interface: 'before' })
  const nameNow = async () =>
    (await engine.client.snapshot({ selection: { netns: namespace.name } })).groups[0]?.interface
  expect(await nameNow()).toBe('before')
  await namespace.ip('link', 'set', 'before', 'down')
  await namespace.ip('link', 'set', 'before', 'name', 'after')
  await namespace.ip('link', 'set', 'after', 'up')
  await eventually('the new name shows', async () => (await nameNow()) === 'after')
})

test('a name on which no namespace is mounted, which an interrupted `ip netns` leaves, makes nothing incomplete', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.open(listener)
  const name = `rpi-test-none-${process.pid}`
  mkdirSync('/run/netns', { recursive: true })
  writeFileSync(`/run/netns/${name}`, '')
  try {
    const snapshot = await engine.client.snapshot({})
    expect(snapshot.shortfalls).toBeUndefined()
    expect(groupsIn(snapshot, namespace.inode)).toEqual([groupOf(namespace.inode, 'reuseport', 'co-listening', made)])
    const { checks } = await engine.client.machine.capabilities()
    expect(checks.find(({ id }) => id === 'namespaces')).toMatchObject({
      state: 'yes',
      detail: expect.stringContaining(`no network namespace is mounted on ${name}`),
      hint: null,
    })
  } finally {
    rmSync(`/run/netns/${name}`)
  }
})

test('reading a namespace moves no thread of this process there', async () => {
  await using namespace = await makeNamespace()
  await engine.client.snapshot({ selection: { netns: namespace.name } })
  // A thread may end meanwhile.
  const places = readdirSync('/proc/self/task').map(
    (thread) => statSync(`/proc/self/task/${thread}/ns/net`, { throwIfNoEntry: false })?.ino,
  )
  expect(places).not.toContain(namespace.inode)
})
