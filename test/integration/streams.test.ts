/** The streams, read as by a front: each answer has what changed since the last, and nothing else. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GroupChange, GroupsChange } from '../../electron/contract/live.ts'
import { needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { GroupReader, GroupsReader } from './support/readers.ts'
import { type MadeSocket, type SocketMaker, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

let engine: TestEngine
let namespace: TestNamespace
let maker: SocketMaker

beforeEach(async (context) => {
  needsRoot(context)
  engine = await startTestEngine({ intervalMs: 100 })
  namespace = await makeNamespace()
  maker = await startSocketMaker({ netns: namespace.name })
})
afterEach(async () => {
  await engine?.close()
  await maker?.end()
  await namespace?.remove()
})

const listener: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] }
const cookies = (made: MadeSocket[]) => made.map((one) => one.cookie).sort()

/** The only group of the test's namespace, once the engine lists it. */
async function idOfGroup(reader = new GroupsReader(engine.client)): Promise<string> {
  const row = await reader.until('the group shows', () => reader.in(namespace.inode)[0])
  return row.id
}

test('groups: the first answer is everything, the later ones what changed', async () => {
  const made = await maker.openTogether({ ...listener, count: 2 })
  const reader = new GroupsReader(engine.client)
  expect((await reader.ask()).reset).toBe(true)
  await reader.until('the group of two shows', () => reader.in(namespace.inode)[0]?.receiving === 2)
  const id = await idOfGroup(reader)
  const [joined] = await maker.open({ ...listener, port: made[0]?.port ?? 0 })
  await reader.until('a member joins', () => reader.rows.get(id)?.receiving === 3)
  if (joined) await maker.close(joined)
  await reader.until('a member leaves', () => reader.rows.get(id)?.receiving === 2)
  await maker.openTogether({ ...listener, count: 2 })
  await reader.until('a second group is added', () => reader.in(namespace.inode).length === 2)
  await maker.close(...made)
  await reader.until('the first one goes', () => !reader.rows.has(id) && reader.in(namespace.inode).length === 1)
  expect(reader.resets).toBeLessThanOrEqual(2) // One more if the namespace's name came after the first answer.
})

test('groups: unshared sockets are listed only with `all`, and a group that becomes unshared is removed', async () => {
  const made = await maker.openTogether(
    { protocol: 'udp', address: '127.0.0.1', options: ['reuseaddr'] },
    { protocol: 'udp', address: '127.0.0.1', options: ['reuseaddr'] },
  )
  const shared = new GroupsReader(engine.client)
  const all = new GroupsReader(engine.client, true)
  const row = await shared.until('it is known how they share', () =>
    shared.in(namespace.inode).find((group) => group.sharing === 'reuseaddr'),
  )
  const { id } = row
  await all.until('it shows among all', () => all.rows.has(id))
  const [, second] = made
  if (second) await maker.close(second)
  await shared.until('it is no longer a group', () => !shared.rows.has(id))
  await all.until('it is unshared', () => all.rows.get(id)?.sharing === 'none')
})

test('groups: classifying a group does not change its identity', async () => {
  const udp: SocketSpec = { protocol: 'udp', address: '127.0.0.1' }
  await maker.openTogether({ ...udp, options: ['reuseaddr'], count: 2 })
  await maker.openTogether({ ...udp, options: ['reuseport'], count: 2 })
  const reader = new GroupsReader(engine.client, true)
  const seen = new Set<string>()
  await reader.until('both are classified', () => {
    for (const row of reader.in(namespace.inode)) seen.add(row.id)
    const sharing = reader.in(namespace.inode).map((row) => row.sharing)
    return sharing.includes('reuseaddr') && sharing.includes('reuseport')
  })
  expect(seen.size).toBe(2)
})

test('groups: a row summarizes its members', async () => {
  const made = await maker.openTogether({ ...listener, count: 2, backlog: 10 })
  const [first] = made
  await maker.open({ ...listener, port: first?.port ?? 0, state: 'bound' })
  await maker.fork({ count: 2, command: 'worker' })
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: first?.port ?? 0, count: 6 })
  const reader = new GroupsReader(engine.client)
  const row = await reader.until('the queues show', () => {
    const found = reader.in(namespace.inode)[0]
    return found?.queue.length === 6 && found.holders === 3 ? found : null
  })
  expect(row).toMatchObject({
    receiving: 2,
    bound: 1,
    connected: 0,
    holders: 3,
    ownersHidden: 0,
    queue: { length: 6, limit: 20, unit: 'connections' },
    drops: 0,
    sharing: 'reuseport',
    evidence: 'co-listening',
  })
  expect(row.owners.map(({ command, processes }) => [command, processes])).toEqual([
    ['worker', 2],
    ['socket-maker', 1],
  ])
  expect(row.pids).toHaveLength(3)
  expect(row.pids).toContain(maker.pid)
  expect(row.pids).toEqual(row.pids.toSorted((a, b) => a - b))
  const fullest = await longestQueue(row.id)
  expect(row.fullest).toEqual({ ...fullest, limit: 10 })
  expect(row.queueUtilization).toHaveLength(2)
  expect(row.queueUtilization.reduce((sum, slot) => sum + slot, 0)).toBe(600)
})

async function longestQueue(id: string): Promise<{ cookie: string; length: number }> {
  const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name } })
  const members = snapshot.groups.find((group) => group.id === id)?.members ?? []
  const longest = members.toSorted((a, b) => (b.queue.length ?? 0) - (a.queue.length ?? 0))[0]
  return { cookie: longest?.cookie ?? '', length: longest?.queue.length ?? 0 }
}

test('group: members join, change and leave', async () => {
  const made = await maker.openTogether({ ...listener, count: 3, backlog: 50 })
  const reader = new GroupReader(engine.client, await idOfGroup())
  expect((await reader.ask()).reset).toBe(true)
  await reader.until('the three are listed', () => reader.members.size === 3)
  expect([...reader.members.keys()].sort()).toEqual(cookies(made))
  const port = made[0]?.port ?? 0
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 30 })
  const total = () => [...reader.members.values()].reduce((sum, member) => sum + (member.queue.length ?? 0), 0)
  await reader.until('thirty connections are queued', () => total() === 30)
  const more = await maker.open({ ...listener, port, count: 2 })
  await reader.until('two more join', () => reader.members.size === 5)
  expect([...reader.members.keys()].sort()).toEqual(cookies([...made, ...more]))
  await maker.drain()
  await maker.close(...made)
  await reader.until('the first three leave', () => reader.members.size === 2)
  expect([...reader.members.keys()].sort()).toEqual(cookies(more))
  await maker.close(...more)
  await reader.until('the group ends', () => reader.row === null)
})

test('group: a new owner or poller is a change of the member', async () => {
  const [made] = await maker.openTogether(listener)
  const reader = new GroupReader(engine.client, await idOfGroup())
  const member = () => reader.members.get(made?.cookie ?? '')
  await reader.until('it has its holder', () => member()?.holders?.length === 1)
  const [child] = await maker.fork({ ...(made && { epoll: [made] }) })
  await reader.until('the child holds it too', () => member()?.holders?.some((holder) => holder.pid === child))
  await reader.until('the child polls it', () => member()?.pollers?.some((pid) => pid === child))
  if (child !== undefined) await maker.kill(child)
  await reader.until('one holder is left', () => member()?.holders?.length === 1)
})

test('drops are counted for the member with the drops', async () => {
  const [quiet, loud] = await maker.openTogether(
    { protocol: 'udp', address: '127.0.0.1', options: ['reuseport'] },
    { protocol: 'udp', address: '127.0.0.2', rcvbuf: 3000 },
  )
  if (!quiet || !loud) throw new Error('no sockets were made')
  await maker.fill({ protocol: 'udp', address: '127.0.0.2', port: loud.port, count: 200, bytes: 500 })
  const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
  const members = snapshot.groups.flatMap((group) => group.members)
  const dropsOf = (made: MadeSocket) => members.find((member) => member.cookie === made.cookie)?.drops
  expect(dropsOf(quiet)).toBe(0)
  expect(dropsOf(loud)).toBeGreaterThan(100)
})

test('a slow reader gets the latest value, once, and no older one', async () => {
  const made = await maker.openTogether({ ...listener, count: 2, backlog: 500 })
  const reader = new GroupReader(engine.client, await idOfGroup())
  await reader.sweep()
  const quick = new GroupReader(engine.client, reader.row?.id ?? '')
  await quick.sweep()
  const total = (of: GroupReader) =>
    [...of.members.values()].reduce((sum, member) => sum + (member.queue.length ?? 0), 0)
  for (let round = 1; round <= 5; round++) {
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: made[0]?.port ?? 0, count: 20 })
    await quick.until('the fast one sees each step', () => total(quick) === round * 20)
  }
  const told: string[] = []
  for (let more = true; more; ) {
    const change = await reader.ask()
    told.push(...change.values.members)
    more = change.more
  }
  expect(new Set(told).size).toBe(told.length)
  expect(total(reader)).toBe(100)
})

test('a cursor from another engine, or an invalid one, starts over', async () => {
  await maker.openTogether({ ...listener, count: 2 })
  const reader = new GroupsReader(engine.client)
  const id = await idOfGroup(reader)
  for (const after of ['nonsense', '', `00000000.1.1.`, `${reader.cursor}x`]) {
    expect((await engine.client.groups.changes({ after })).reset).toBe(true)
    expect((await engine.client.group.changes({ id, after })).reset).toBe(true)
  }
})

test('a paused engine reads nothing until requested', async () => {
  await maker.openTogether({ ...listener, count: 2 })
  const reader = new GroupsReader(engine.client)
  await idOfGroup(reader)
  expect(await engine.client.sampling.pause({ paused: true })).toMatchObject({ paused: true })
  // A refresh that was in progress ends before this one.
  await engine.client.sampling.refresh()
  await reader.sweep()
  const refresh = reader.last?.sampler.refresh
  await maker.openTogether({ ...listener, count: 2 })
  // It still answers after a while, so that the reader knows that it is alive.
  const silent = await reader.ask()
  expect(silent.sampler).toMatchObject({ paused: true, refresh })
  expect(reader.in(namespace.inode)).toHaveLength(1)
  await engine.client.sampling.refresh()
  await reader.until('the single refresh shows the second group', () => reader.in(namespace.inode).length === 2)
  expect(reader.last?.sampler.paused).toBe(true)
  expect(await engine.client.sampling.pause({ paused: false })).toMatchObject({ paused: false })
  const before = reader.last?.sampler.refresh ?? 0
  await reader.until('it reads again', () => (reader.last?.sampler.refresh ?? 0) > before + 1)
})

test('five hundred groups arrive in pages, each once', async () => {
  const made = await maker.open(
    ...Array.from({ length: 500 }, (_, index) => ({ ...listener, port: 20_000 + index, count: 2 })),
  )
  const reader = new GroupsReader(engine.client)
  let answers = 0
  const told: string[] = []
  for (;;) {
    const change = await reader.ask()
    answers++
    if (change.reset) told.length = 0
    told.push(...change.rows.filter((row) => row.netns === namespace.inode).map((row) => row.id))
    if (!change.more && reader.in(namespace.inode).length === 500) break
  }
  expect(answers).toBeGreaterThan(1)
  expect(new Set(reader.in(namespace.inode).map((row) => row.port))).toEqual(new Set(made.map((one) => one.port)))
})

test('the answers of the streams match the contract', async () => {
  await maker.openTogether({ ...listener, count: 2 })
  await maker.openTogether({ protocol: 'udp', family: 6, address: '::1', options: ['reuseport'], count: 2 })
  const reader = new GroupsReader(engine.client, true)
  const id = await idOfGroup()
  GroupsChange.parse(await reader.ask())
  GroupChange.parse(await engine.client.group.changes({ id }))
})
