/** What members are really given, in every front: counted against what the test itself sent, accepted and received. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import { Balance } from '../../electron/contract/analysis.ts'
import { maxOverMean } from '../../electron/contract/imbalance.ts'
import { Snapshot } from '../../electron/contract/model.ts'
import { needsBpf } from './support/bpf-reader.ts'
import { needsRoot } from './support/conditions.ts'
import { root, startChildEngine, startTestEngine } from './support/engine.ts'
import { followFindings } from './support/findings.ts'
import { GroupReader, GroupsReader } from './support/readers.ts'
import { type MadeSocket, startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)
const cli = `${root}dist/node/cli.cjs`
const address = '127.0.0.1'
const shared = { address, options: ['reuseport' as const] }

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context, 'count')
})

async function idOf(engine: Awaited<ReturnType<typeof startTestEngine>>, { port }: MadeSocket): Promise<string> {
  const { groups } = await engine.client.snapshot({ selection: { port } })
  return groups[0]?.id ?? ''
}

test('a reader of the stream gets each connection: given, accepted and waiting', async () => {
  await using maker = await startSocketMaker()
  await using engine = await startTestEngine({ intervalMs: 100 })
  const made = await maker.openTogether({ ...shared, protocol: 'tcp', count: 3 })
  const [first] = made as [MadeSocket, ...MadeSocket[]]
  const reader = new GroupReader(engine.client, await idOf(engine, first))
  await reader.until('counting has begun', () => reader.row?.given !== undefined)
  const taken = new Map<string, number>()
  for (let round = 0; round < 2; round++) {
    await maker.fill({ protocol: 'tcp', address, port: first.port, count: 30 })
    for (const one of made) taken.set(one.cookie, (taken.get(one.cookie) ?? 0) + (await maker.receive(one)))
  }
  await reader.until('every connection was counted', () => reader.row?.given?.count === 60)
  for (const [cookie, count] of taken) expect(reader.members.get(cookie)?.given).toMatchObject({ count, sample: count })
  // All of them wait at no member: what is uneven is what came, not the queues.
  const ratio = maxOverMean([...taken.values()])
  expect(reader.row?.imbalance).toEqual({ of: 'given', ratio, chance: expect.any(Number) })
  // Nothing comes any more.
  await reader.until('the rates fall to 0', () => reader.row?.given?.perSecond === 0)
  expect(reader.row?.given).toMatchObject({ acceptedPerSecond: 0, meanWaitMs: null })
  const groups = new GroupsReader(engine.client)
  await groups.sweep()
  expect(groups.rows.get(reader.row?.id ?? '')?.given).toMatchObject({ count: 60, sample: 60 })
  // A member that joins starts another sample; the counts go on.
  const [newest] = (await maker.open({ ...shared, protocol: 'tcp', port: first.port })) as [MadeSocket]
  await reader.until('it is counted', () => reader.members.get(newest.cookie)?.given !== undefined)
  await reader.until('another sample began', () => reader.row?.given?.sample === 0)
  expect(reader.row?.given?.count).toBe(60)
})

test('balance compares what was really given, and names the program that made it uneven', async () => {
  await using maker = await startSocketMaker()
  await using engine = await startTestEngine({ intervalMs: 100 })
  const made = await maker.openTogether({ ...shared, protocol: 'tcp', count: 4, backlog: 1024 })
  const [first] = made as [MadeSocket, ...MadeSocket[]]
  const id = await idOf(engine, first)
  await maker.attach(first, 2)
  const reader = new GroupReader(engine.client, id)
  await reader.until('counting has begun', () => reader.row?.given !== undefined)
  await maker.fill({ protocol: 'tcp', address, port: first.port, count: 40 })
  await reader.until('every connection was counted', () => reader.row?.given?.count === 40)
  // The program decides: chance sets no bounds.
  expect(reader.row?.imbalance).toEqual({ of: 'given', ratio: 4, chance: null })
  const balance = Balance.parse(await engine.client.group.balance({ id }))
  expect(balance).toMatchObject({
    verdict: 'program',
    flows: null,
    given: { total: 40, max: 40, min: 0, degreesOfFreedom: 3 },
    givenUnknownBecause: null,
  })
  const picked = made[2]?.cookie
  expect(balance.members.map(({ cookie, given }) => [cookie, given])).toEqual(
    balance.members.map(({ cookie }) => [cookie, cookie === picked ? 40 : 0]),
  )
  expect(balance.warnings.join(' ')).toContain('picks the member at place 2 of socks[] for every client')
})

test('datagrams have no test against chance, and one reader of a recording gets their counts', async () => {
  await using maker = await startSocketMaker()
  await using engine = await startTestEngine({ intervalMs: 100 })
  const made = await maker.openTogether({ ...shared, protocol: 'udp', count: 2 })
  const [first] = made as [MadeSocket, ...MadeSocket[]]
  const id = await idOf(engine, first)
  const reader = new GroupReader(engine.client, id)
  await reader.until('counting has begun', () => reader.row?.given !== undefined)
  await maker.fill({ protocol: 'udp', address, port: first.port, count: 50, flows: 50, bytes: 10 })
  await reader.until('every datagram was counted', () => reader.row?.given?.count === 50)
  expect(reader.row?.given).toMatchObject({ acceptedPerSecond: null, meanWaitMs: null })
  const balance = Balance.parse(await engine.client.group.balance({ id }))
  expect(balance.given).toMatchObject({ total: 50 })
  expect(balance.given).not.toHaveProperty('p')
  const snapshot = Snapshot.parse(await engine.client.snapshot({ selection: { port: first.port } }))
  expect(snapshot.countsUnknownBecause).toBeUndefined()
  expect(snapshot.countedSince).toBeDefined()
  expect(snapshot.groups[0]?.given?.count).toBe(50)
})

test('the terminal counts on request', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...shared, protocol: 'tcp', count: 2 })
  const [first] = made as [MadeSocket, ...MadeSocket[]]
  const shown = run(process.execPath, [cli, 'show', `:${first.port}`, '--for', '3s', '--json'])
  const ended = new AbortController()
  const send = async () => {
    for (; !ended.signal.aborted; await maker.drain()) {
      await maker.fill({ protocol: 'tcp', address, port: first.port, count: 10 })
      for (const one of made) await maker.receive(one)
    }
  }
  const sending = send()
  const { stdout } = await shown
  ended.abort()
  await sending
  const [group] = Snapshot.parse(JSON.parse(stdout)).groups
  expect(group?.given?.sample).toBeGreaterThan(0)
  expect(group?.members.reduce((sum, { given }) => sum + (given?.count ?? 0), 0)).toBe(group?.given?.count)
  const once = await run(process.execPath, [cli, 'show', `:${first.port}`, '--json'])
  const snapshot = Snapshot.parse(JSON.parse(once.stdout))
  expect(snapshot.countsUnknownBecause).toBe('nothing was being counted when this was read')
  expect(snapshot.groups[0]).not.toHaveProperty('given')
})

test('without permissions the reason is in the answers', async () => {
  await using maker = await startSocketMaker()
  const [first] = (await maker.openTogether({ ...shared, protocol: 'tcp', count: 2 })) as [MadeSocket]
  await using engine = await startChildEngine({ uid: 65534 })
  const reason = 'it requires CAP_BPF and CAP_PERFMON, and this process lacks CAP_BPF and CAP_PERFMON'
  const snapshot = await engine.snapshot({ selection: { port: first.port }, countMs: 100 })
  expect(snapshot.countsUnknownBecause).toBe(reason)
  const balance = (await engine.ask('group.balance', { id: snapshot.groups[0]?.id, countMs: 100 })) as Balance
  expect(balance).toMatchObject({ given: null, givenSince: null, givenUnknownBecause: reason })
})

test('a member whose CPU handles no connection gets nothing, and a finding says so', async () => {
  await using maker = await startSocketMaker()
  await using engine = await startTestEngine({ intervalMs: 100 })
  const [first] = (await maker.open({ ...shared, protocol: 'tcp', cpu: 0 })) as [MadeSocket]
  const { port } = first
  const [idle] = (await maker.open({ ...shared, protocol: 'tcp', port, cpu: 1 })) as [MadeSocket]
  const reader = new GroupReader(engine.client, await idOf(engine, first))
  await reader.until('both are counted', () => reader.row?.given !== undefined && reader.row.receiving === 2)
  await maker.clients({ protocol: 'tcp', count: 20, sources: [address] })
  const received = await maker.deliver({ address, port, cpu: 0 })
  expect(new Set(received)).toEqual(new Set([first.cookie]))
  const findings = followFindings(engine.client, reader.row?.netns ?? 0)
  const found = await findings.raised('member-gets-nothing', port, { 'connections given to the group': 20 })
  expect(found).toMatchObject({ severity: 'warning', members: [idle.cookie] })
  expect(found.explanation).toContain('SO_INCOMING_CPU')
})
