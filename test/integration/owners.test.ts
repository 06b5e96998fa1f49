/** Holders and pollers of a socket, and the details of those processes. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, type TestContext, test } from 'vitest'
import { memberId } from '../../electron/contract/ids.ts'
import type { Member } from '../../electron/contract/model.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { startOf } from './support/truth.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())
beforeEach(needsRoot)

async function membersIn(netns: string): Promise<Map<string, Member>> {
  const snapshot = await engine.client.snapshot({ selection: { netns, all: true } })
  return new Map(snapshot.groups.flatMap((group) => group.members).map((member) => [memberId(member), member]))
}

const reuseport: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] }

test('holders are processes with descriptors, pollers those that wait', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'master' })
  const made = await maker.openTogether({ ...reuseport, count: 2 })
  const [first, second] = made
  if (!first || !second) throw new Error('no sockets were made')
  // As in nginx: every worker inherits every member, and polls one.
  const [one] = await maker.fork({ epoll: [first], command: 'worker' })
  const [two] = await maker.fork({ epoll: [second], command: 'worker' })
  const [closer] = await maker.fork({ keep: [second], command: 'narrow' })
  const members = await membersIn(namespace.name)
  const named = (pid: number | undefined, made: MadeSocket, command: string) => ({
    pid,
    fds: [made.fd],
    command,
    startedAt: startOf(pid ?? 0),
  })
  const byPid = (a: { pid: number | undefined }, b: { pid: number | undefined }) => (a.pid ?? 0) - (b.pid ?? 0)
  expect(members.get(first.cookie)?.holders?.toSorted(byPid)).toEqual(
    [named(maker.pid, first, 'master'), named(one, first, 'worker'), named(two, first, 'worker')].sort(byPid),
  )
  expect(members.get(second.cookie)?.holders?.toSorted(byPid)).toEqual(
    [
      named(maker.pid, second, 'master'),
      named(one, second, 'worker'),
      named(two, second, 'worker'),
      named(closer, second, 'narrow'),
    ].sort(byPid),
  )
  expect(members.get(first.cookie)?.pollers).toEqual([one])
  expect(members.get(second.cookie)?.pollers).toEqual([two])
})

test('a descriptor passed on or closed is noticed in the next refresh, and a new name too', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'before' })
  const [made] = await maker.openTogether(reuseport)
  if (!made) throw new Error('no socket was made')
  const pidsNow = async () => (await membersIn(namespace.name)).get(made.cookie)?.holders?.map((holder) => holder.pid)
  expect(await pidsNow()).toEqual([maker.pid])
  const [child] = await maker.fork()
  if (child === undefined) throw new Error('no child was made')
  expect((await pidsNow())?.toSorted()).toEqual([maker.pid, child].toSorted())
  await maker.kill(child)
  expect(await pidsNow()).toEqual([maker.pid])
  await maker.rename('after')
  await eventually(
    'the new name shows',
    async () => (await membersIn(namespace.name)).get(made.cookie)?.holders?.[0]?.command === 'after',
  )
})

test('a process may swap one socket for another and keep its number of descriptors', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const [old] = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  if (!old) throw new Error('no socket was made')
  await membersIn(namespace.name)
  await maker.close(old)
  const [swapped] = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  await eventually(
    'the new socket has its owner',
    async () => (await membersIn(namespace.name)).get(swapped?.cookie ?? '')?.holders?.[0]?.pid === maker.pid,
  )
})

test('a command name with escape sequences arrives unchanged, for the front to escape', async () => {
  await using namespace = await makeNamespace()
  const hostile = '\u001b[31mred\u0007)\n('
  await using maker = await startSocketMaker({ netns: namespace.name, command: hostile })
  const [made] = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  expect((await membersIn(namespace.name)).get(made?.cookie ?? '')?.holders?.[0]?.command).toBe(hostile)
})

test('owners: false skips /proc', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name, all: true }, owners: false })
  const members = snapshot.groups.flatMap((group) => group.members)
  expect(members).toHaveLength(1)
  expect(members[0]).toMatchObject({ holders: null, pollers: null })
})

test('processes that start and end all the time are a normal case', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether({ ...reuseport, count: 3 })
  let going = true
  const coming = (async () => {
    while (going) await maker.kill(...(await maker.fork({ count: 3, epoll: made })))
  })()
  try {
    for (let round = 0; round < 30; round++) {
      const members = await membersIn(namespace.name)
      expect([...members.keys()].sort()).toEqual(made.map((one) => one.cookie).sort())
      for (const member of members.values()) expect(member.holders?.map((holder) => holder.pid)).toContain(maker.pid)
    }
  } finally {
    going = false
    await coming
  }
})

test('details of a process match /proc', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, uid: 33, command: 'detailed' })
  await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  await membersIn(namespace.name)
  const [details] = await engine.client.processes.details({ pids: [maker.pid] })
  expect(details).toMatchObject({
    pid: maker.pid,
    command: 'detailed',
    commandLine: readFileSync(`/proc/${maker.pid}/cmdline`, 'utf8').split('\0').slice(0, -1),
    executable: readlinkSync(`/proc/${maker.pid}/exe`),
    startedAt: startOf(maker.pid),
    uid: 33,
    user: 'www-data',
  })
})

test('a process that has ended is left out of the details', async () => {
  await using maker = await startSocketMaker()
  const [child] = await maker.fork()
  if (child === undefined) throw new Error('no child was made')
  await engine.client.snapshot({})
  await maker.kill(child)
  await engine.client.snapshot({})
  const details = await engine.client.processes.details({ pids: [child, maker.pid] })
  expect(details.map((process) => process.pid)).toEqual([maker.pid])
})

/** Creates a cgroup with this name for the duration of the test, and moves the process into it. */
function makeCgroup(context: TestContext, path: string, pid: number): void {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((line) => line.includes(' - cgroup2 '))
    ?.split(' ')[4]
  if (!mount) {
    context.skip('no cgroup2 file system is mounted here')
    return
  }
  const made: string[] = []
  context.onTestFinished(async () => {
    for (const directory of made.reverse()) {
      await eventually(`${directory} is empty`, () => readFileSync(`${directory}/cgroup.procs`, 'utf8') === '')
      rmdirSync(directory)
    }
  })
  try {
    let directory = mount
    for (const part of path.split('/')) {
      directory += `/${part}`
      if (mkdirSync(directory, { recursive: true })) made.push(directory)
    }
    writeFileSync(`${directory}/cgroup.procs`, String(pid))
  } catch (error) {
    context.skip(`no cgroup can be created here (${error})`)
  }
}

test('the cgroup gives the systemd unit', async (context) => {
  const unit = `rpi-test-${randomBytes(4).toString('hex')}.service`
  await using maker = await startSocketMaker()
  makeCgroup(context, `system.slice/${unit}`, maker.pid)
  await engine.client.snapshot({})
  const [details] = await engine.client.processes.details({ pids: [maker.pid] })
  expect(details).toMatchObject({ cgroup: `/system.slice/${unit}`, unit, container: null })
})

test('the cgroup gives the container', async (context) => {
  const id = randomBytes(32).toString('hex')
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  makeCgroup(context, `system.slice/docker-${id}.scope`, maker.pid)
  await engine.client.snapshot({})
  const [details] = await engine.client.processes.details({ pids: [maker.pid] })
  expect(details?.container).toEqual({ runtime: 'docker', id })
})
