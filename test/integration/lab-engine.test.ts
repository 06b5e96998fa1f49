/** The lab through the contract: the inspector sees its sockets, counts are exact, and a kill leaves nothing behind. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Lab } from '../../electron/contract/lab.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startChildEngine, startTestEngine } from './support/engine.ts'
import { listening, lives, nothingLeft, sending, sent, shown } from './support/labs.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
const received = (lab: Lab) => lab.workers.map((worker) => worker.received)

test('the inspector sees the listeners: a group of their members, held by the workers', async () => {
  await using engine = await startTestEngine()
  const lab = Lab.parse(
    await engine.client.lab.listen(listening({ protocol: 'tcp', listeners: 6, processes: 3, backlog: 77 })),
  )
  expect(lab).toMatchObject({ address: '127.0.0.1', own: true, ownNamespace: false, traffic: null })
  expect(lab.members).toHaveLength(6)
  expect(new Set(lab.members.map(({ pid }) => pid)).size).toBe(3)
  const snapshot = await engine.client.snapshot({ selection: { port: lab.port, protocol: 'tcp', all: false } })
  expect(snapshot.groups).toHaveLength(1)
  const [group] = snapshot.groups
  expect(group).toMatchObject({ address: '127.0.0.1', sharing: 'reuseport', netns: lab.netns })
  const seen = new Map(group?.members.map((member) => [member.cookie, member]))
  expect([...seen.keys()].sort()).toEqual(lab.members.map(({ cookie }) => cookie).sort())
  for (const member of lab.members) {
    expect(seen.get(member.cookie)).toMatchObject({
      inode: member.inode,
      uid: member.uid,
      queue: { limit: 77 },
      holders: [{ pid: member.pid, command: 'reuseport-lab' }],
    })
  }
})

test('traffic is counted to the last connection, timed, and reported while it runs', async () => {
  await using engine = await startTestEngine()
  const { client } = engine
  const { id } = await client.lab.listen(listening({ protocol: 'tcp', processes: 2 }))
  const lab = Lab.parse(await sent(client, { id, count: 3000 }))
  expect(lab.traffic).toMatchObject({
    sent: 3000,
    done: 3000,
    refused: 0,
    resets: 0,
    timeouts: 0,
    otherErrors: 0,
    moved: null,
  })
  expect(sum(received(lab))).toBe(3000)
  const { latency } = lab.traffic ?? {}
  expect(latency?.samples).toBe(3000)
  const { p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0 } = latency ?? {}
  expect([p50, p90, p99, p999, max]).toEqual([p50, p90, p99, p999, max].sort((a, b) => a - b))
  expect(p50).toBeGreaterThan(0)
  expect(lab.traffic?.perSecond).toBeGreaterThan(0)
})

test('UDP with DNS: every client keeps its socket', async () => {
  await using engine = await startTestEngine()
  const { id } = await engine.client.lab.listen(listening({ protocol: 'udp', address: '::1', reply: 'dns' }))
  const lab = await sent(engine.client, { id, count: 1000, flows: 100, exchange: 'dns' })
  expect(lab.traffic).toMatchObject({ done: 1000, moved: 0 })
  expect(received(lab).every((count) => count % 10 === 0)).toBe(true)
})

test('members are stalled, resumed, closed and added while it runs', async () => {
  await using engine = await startTestEngine()
  const { lab } = engine.client
  const { id } = await lab.listen(listening({ protocol: 'tcp', listeners: 3 }))
  expect((await lab.member({ id, member: 1, action: 'stall' })).members[1]?.state).toBe('stalled')
  expect((await lab.member({ id, member: 1, action: 'resume' })).members[1]?.state).toBe('normal')
  expect((await lab.member({ id, member: 2, action: 'close' })).members[2]?.state).toBe('closed')
  expect((await lab.add({ id })).members).toHaveLength(4)
  const after = await sent(engine.client, { id, count: 1000 })
  expect(after.traffic?.done).toBe(1000)
  expect(received(after)[2]).toBe(0)
  await expect(lab.member({ id, member: 2, action: 'stall' })).rejects.toMatchObject({
    code: 'UNPROCESSABLE_CONTENT',
    data: { cause: expect.stringMatching(/is closed/) },
  })
})

test('one traffic run at a time; it ends on request', async () => {
  await using engine = await startTestEngine()
  const { lab } = engine.client
  const { id } = await lab.listen(listening({ protocol: 'tcp' }))
  await lab.traffic(sending({ id, count: 100_000, rate: 50 }))
  await expect(lab.traffic(sending({ id }))).rejects.toMatchObject({
    data: { cause: expect.stringMatching(/already running/) },
  })
  const ended = await lab.stopTraffic({ id })
  expect(ended.traffic?.endedAt).not.toBeNull()
  expect(ended.traffic?.sent).toBeLessThan(100_000)
})

test('another program of the same user sees it, sends to it and stops it', async () => {
  await using first = await startTestEngine()
  await using second = await startTestEngine()
  const { id, members } = await first.client.lab.listen(listening({ protocol: 'tcp' }))
  expect(await shown(second.client, id)).toMatchObject({ id, members, own: false })
  const after = await sent(second.client, { id, count: 500 })
  expect(sum(received(after))).toBe(500)
  expect(after.traffic?.latency?.samples).toBe(500)
  await second.client.lab.stop({ id })
  expect(await eventually('the first engine notices', async () => (await shown(first.client, id)) === null)).toBe(true)
  await nothingLeft(after)
})

test('a program that only discovered a lab leaves it unchanged at its end', async () => {
  await using first = await startTestEngine()
  const { id } = await first.client.lab.listen(listening({ protocol: 'udp' }))
  const second = await startTestEngine()
  expect(await shown(second.client, id)).not.toBeNull()
  await second.close()
  expect((await shown(first.client, id))?.members).toHaveLength(4)
})

test('the stream reports changes, and waits when there are none', async () => {
  await using engine = await startTestEngine()
  const { lab } = engine.client
  const empty = await lab.changes({})
  expect(empty).toMatchObject({ labs: [], run: null })
  const next = lab.changes({ after: empty.cursor })
  const opened = await lab.listen(listening({ protocol: 'tcp' }))
  expect((await next).labs.map(({ id }) => id)).toEqual([opened.id])
  const leaving = new AbortController()
  const waiting = lab.changes({ after: (await next).cursor }, { signal: leaving.signal })
  leaving.abort()
  await expect(waiting).rejects.toBeDefined()
})

test('the end of the engine ends its labs', async () => {
  const engine = await startTestEngine()
  const lab = await engine.client.lab.listen(listening({ protocol: 'tcp', processes: 2 }))
  const { cursor } = await engine.client.lab.changes({})
  const waiting = engine.client.lab.changes({ after: cursor })
  await Promise.all([expect(waiting).rejects.toBeDefined(), engine.close()])
  expect([lab.supervisor, ...lab.pids].filter(lives)).toEqual([])
  await nothingLeft(lab)
})

test('kill -9 of the engine: nothing is left', async (context) => {
  needsRoot(context)
  const engine = await startChildEngine()
  const lab = Lab.parse(await engine.ask('lab.listen', listening({ protocol: 'tcp', listeners: 8, processes: 4 })))
  await engine.ask('lab.traffic', sending({ id: lab.id, count: 100_000, rate: 100 }))
  process.kill(engine.pid, 'SIGKILL')
  await nothingLeft(lab)
  await engine.end()
})

test('kill -9 of the supervisor: nothing is left, and the engine notices', async () => {
  await using engine = await startTestEngine()
  const lab = await engine.client.lab.listen(listening({ protocol: 'tcp', processes: 3 }))
  await engine.client.lab.traffic(sending({ id: lab.id, count: 100_000, rate: 100 }))
  process.kill(lab.supervisor, 'SIGKILL')
  await nothingLeft(lab)
  await eventually('the engine notices', async () => (await shown(engine.client, lab.id)) === null)
  await expect(engine.client.lab.traffic(sending({ id: lab.id }))).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('kill -9 of a worker: its members have failed, the lab continues; of the last one: it ends', async () => {
  await using engine = await startTestEngine()
  const lab = await engine.client.lab.listen(listening({ protocol: 'tcp', listeners: 4, processes: 2 }))
  const [victim = 0, last = 0] = lab.pids
  process.kill(victim, 'SIGKILL')
  const after = await eventually('two members failed', async () => {
    const now = await shown(engine.client, lab.id)
    return now?.members.filter(({ state }) => state === 'failed').length === 2 ? now : null
  })
  expect(after.members.filter(({ state }) => state === 'failed').map(({ pid }) => pid)).toEqual([victim, victim])
  expect((await sent(engine.client, { id: lab.id, count: 200 })).traffic?.done).toBe(200)
  process.kill(last, 'SIGKILL')
  await nothingLeft(lab)
})

test('kill -9 of the traffic: reported as failed, and the listeners stay', async () => {
  await using engine = await startTestEngine()
  const { lab } = engine.client
  const { id, supervisor, pids } = await lab.listen(listening({ protocol: 'tcp' }))
  await lab.traffic(sending({ id, count: 100_000, rate: 100 }))
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ').map(Number)
  const sender = children.find((pid) => !pids.includes(pid)) ?? 0
  expect(sender).toBeGreaterThan(0)
  process.kill(sender, 'SIGKILL')
  const after = await eventually('it is reported', async () => {
    const now = await shown(engine.client, id)
    return now?.traffic?.endedAt == null ? null : now
  })
  expect(after.traffic?.failed).toBe(true)
  expect((await sent(engine.client, { id, count: 100 })).traffic).toMatchObject({ done: 100, failed: false })
})

test('they close when their time is up', async () => {
  await using engine = await startTestEngine()
  const lab = await engine.client.lab.listen(listening({ protocol: 'udp', minutes: 0.1 }))
  expect(Date.parse(lab.endsAt) - Date.parse(lab.startedAt)).toBe(6000)
  await nothingLeft(lab)
  expect(await shown(engine.client, lab.id)).toBeNull()
})
