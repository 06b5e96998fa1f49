/** A restricted machine: no useful /proc, no netlink, a namespace that disappears during a refresh. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import type { Problem } from '../../electron/contract/errors.ts'
import type { PermissionCheck } from '../../electron/contract/live.ts'
import type { Host } from '../../electron/contract/model.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startChildEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { groupOf, groupsIn } from './support/truth.ts'

const run = promisify(execFile)
beforeEach(needsRoot)

const NOBODY = 65534
const reuseport: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] }

test('hidepid: sockets are listed, owners are unknown, and the doctor says why', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, uid: 33 })
  const made = await maker.openTogether({ ...reuseport, count: 2 })
  await using engine = await startChildEngine({ uid: NOBODY, netns: namespace.path, hidepid: true })
  const snapshot = await engine.snapshot({ selection: { all: true } })
  expect(groupsIn(snapshot, namespace.inode)).toEqual([
    groupOf(namespace.inode, 'reuseport', 'co-listening', made, {
      members: made.map(() => ({ holders: null, pollers: null })),
    }),
  ])
  const { checks } = (await engine.ask('machine.capabilities')) as { checks: PermissionCheck[] }
  const owners = checks.find((check) => check.id === 'owners')
  expect(owners?.state).not.toBe('yes')
  expect(owners?.hint).not.toBeNull()
})

test('no /proc: sockets are still listed, owners are unknown, and the doctor says why', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether({ ...reuseport, count: 2 })
  await using engine = await startChildEngine({ netns: namespace.path, withoutProc: true })
  for (const owners of [true, false]) {
    const snapshot = await engine.snapshot({ selection: { all: true }, owners })
    expect(snapshot.namespaces).toContainEqual({ inode: namespace.inode, name: 'this namespace', self: true })
    expect(groupsIn(snapshot, namespace.inode)).toEqual([
      groupOf(namespace.inode, 'reuseport', 'co-listening', made, {
        members: made.map(() => ({ holders: null, pollers: null })),
      }),
    ])
  }
  const { host, checks } = (await engine.ask('machine.capabilities')) as { host: Host; checks: PermissionCheck[] }
  expect(host.capabilities).toBeNull()
  // Root gets no hint to become root.
  expect(checks.filter(({ hint }) => hint?.includes('root'))).toEqual([])
  await expect(engine.ask('lab.changes', {})).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    data: { hint: expect.stringMatching(/mount \/proc/) },
  })
  expect(checks.find((check) => check.id === 'owners')).toMatchObject({
    state: 'no',
    detail: expect.stringMatching(/\/proc lists no process/),
    hint: expect.stringMatching(/Mount \/proc/),
  })
  expect(checks.find((check) => check.id === 'pollers')?.state).toBe('no')
})

test('no netlink: the contents of /proc/net are shown, and the doctor says what is missing', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether({ ...reuseport, count: 2 })
  await using engine = await startChildEngine({ netns: namespace.path, withoutNetlink: true })
  const { groups, shortfalls } = await engine.snapshot({ selection: { all: true } })
  const members = groups.flatMap((group) => (group.port === made[0]?.port ? group.members : []))
  expect(members.map(({ inode }) => inode).sort()).toEqual(made.map(({ inode }) => inode).sort())
  expect(members.map(({ cookie }) => cookie)).toEqual([null, null])
  expect(shortfalls).toMatchObject([{ kind: 'limitation', cause: expect.stringMatching(/refused \(EPERM\)/) }])
  const { checks } = (await engine.ask('machine.capabilities')) as { checks: PermissionCheck[] }
  expect(checks.find((check) => check.id === 'sockets')).toMatchObject({ state: 'partial', hint: expect.any(String) })
})

test('neither netlink nor /proc: the engine names operation and cause, and the doctor still answers', async () => {
  await using engine = await startChildEngine({ withoutNetlink: true, withoutProc: true })
  const problem: unknown = await engine.snapshot({}).catch((error: unknown) => error)
  expect(problem).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  const { data } = problem as { data: Problem }
  expect(data.operation).toMatch(/socket/)
  expect(data.cause).toMatch(/EPERM/)
  expect(data.hint).not.toBeNull()
  await expect(engine.ask('groups.changes', {})).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  const { checks } = (await engine.ask('machine.capabilities')) as { checks: PermissionCheck[] }
  expect(checks.find((check) => check.id === 'sockets')).toMatchObject({ state: 'no', hint: expect.any(String) })
  // Which sockets a lab would take clients from is unknown.
  const wanted = { protocol: 'tcp', address: '127.0.0.1', port: 45_678 }
  await expect(engine.ask('lab.listen', wanted)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    data: { cause: expect.stringContaining('could not be read'), field: 'port' },
  })
})

test('a namespace that disappears while it is read affects nothing else', async () => {
  await using stays = await makeNamespace()
  await using keeper = await startSocketMaker({ netns: stays.name })
  const made = await keeper.openTogether({ ...reuseport, count: 2 })
  await using engine = await startChildEngine()
  for (let round = 0; round < 10; round++) {
    await using goes = await makeNamespace()
    const maker = await startSocketMaker({ netns: goes.name })
    await maker.openTogether({ ...reuseport, count: 2 })
    const before = await engine.snapshot({})
    expect(before.groups.map((group) => group.netns)).toContain(goes.inode)
    // Requested while it ends.
    const [during] = await Promise.all([engine.snapshot({}), maker.end(), goes.remove()])
    expect(groupsIn(during, stays.inode)).toEqual([groupOf(stays.inode, 'reuseport', 'co-listening', made)])
    await eventually(
      'it is released',
      async () => !(await engine.snapshot({})).namespaces.some((namespace) => namespace.inode === goes.inode),
    )
  }
})

test('an engine without free descriptors says so, and recovers', async () => {
  await using maker = await startSocketMaker()
  const [made] = await maker.openTogether({ ...reuseport, count: 2 })
  await using engine = await startChildEngine()
  await engine.snapshot({})
  const { descriptors } = await engine.usage()
  const limit = (soft: number) => run('prlimit', [`--pid=${engine.pid}`, `--nofile=${soft}:`])
  await limit(descriptors)
  // It reads what needs no new descriptor, and reports an error for the rest; nothing ends.
  await engine.snapshot({}).catch((error: unknown) => expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE' }))
  await limit(1024)
  const snapshot = await engine.snapshot({ selection: { port: made?.port } })
  expect(snapshot.groups.flatMap((group) => group.members)).toHaveLength(2)
})
