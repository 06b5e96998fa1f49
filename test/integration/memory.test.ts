/** What the engine remembers of real sockets while no one watches: history and events. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoggedEvent } from '../../electron/contract/events.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { startEngine } from '../../electron/engine/engine.ts'
import { EngineCore } from '../../electron/engine/engine-core.ts'
import { memorySettings } from '../../electron/engine/settings/settings-store.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { addonPath, startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketMaker, startSocketMaker } from './support/socket-maker.ts'

const spec = { protocol: 'tcp' as const, address: '127.0.0.1', options: ['reuseport' as const] }
/** Added to the engine's clock. */
let aheadMs = 0
let engine: TestEngine

beforeAll(async () => {
  engine = await startTestEngine({ intervalMs: 200 }, () => new Date(Date.now() + aheadMs), true)
  await engine.client.sampling.refresh()
})
afterAll(() => engine.close())

/** Neither this nor history counts as watching. */
async function events(port: number): Promise<LoggedEvent[]> {
  const all: LoggedEvent[] = []
  for (let after: string | undefined; ; ) {
    const change = await engine.client.events.changes(after === undefined ? {} : { after })
    all.push(...change.events)
    after = change.cursor
    if (!change.more) return all.filter(({ key }) => key?.port === port)
  }
}

async function groupAt(port: number) {
  const { groups } = await engine.client.snapshot({ selection: { port }, owners: false })
  return groups[0]
}

function portOf(made: readonly MadeSocket[]): number {
  const port = made[0]?.port
  if (port === undefined) throw new Error('no socket was made')
  return port
}

async function known(port: number, kind: LoggedEvent['kind']): Promise<LoggedEvent> {
  return eventually(`a ${kind} event on port ${port}`, async () =>
    (await events(port)).find((event) => event.kind === kind),
  )
}

test('what overflowed while no one watched is in the history, as the kernel counted it', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...spec, backlog: 1, count: 2 })
  const port = portOf(made)
  await known(port, 'joined')
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 36 })
  await maker.drain()
  const group = await groupAt(port)
  if (group === undefined) throw new Error('the group is not listed')
  const history = await eventually('all losses are remembered', async () => {
    const [now, answer] = await Promise.all([groupAt(port), engine.client.history.group({ id: group.id })])
    return answer.lost > 0 && answer.lost === now?.drops ? answer : null
  })
  // A step is unknown (-1) where it was unknown then whether it was a loss: what became certain is in a later one.
  const sum = (parts: typeof history.steps) =>
    parts.flatMap(({ lost }) => lost).reduce((all, one) => all + Math.max(0, one), 0)
  expect(sum(history.steps)).toBe(history.lost)
  expect(history.members.map(({ id }) => id).sort()).toEqual(made.map(({ cookie }) => cookie).sort())
  expect(history.members.reduce((all, { steps }) => all + sum(steps), 0)).toBe(history.lost)
  expect(Math.max(...history.steps.flatMap(({ utilization }) => utilization))).toBeGreaterThan(1000)
  const listed = await engine.client.history.groups({})
  expect(listed.groups.map(({ id }) => id)).toContain(group.id)
})

test('what an earlier frame showed is remembered too: `serve` reads before its engine is there', async () => {
  await using old = await startSocketMaker({ command: 'server' })
  const made = await old.openTogether({ ...spec, backlog: 1, count: 2 })
  const port = portOf(made)
  await old.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 36 })
  const core = new EngineCore({ addonPath })
  await core.sampler.current()
  const early = startEngine({ addonPath, settings: memorySettings(Settings.parse({ intervalMs: 200 })) }, core)
  try {
    await early.client.sampling.refresh()
    const { groups } = await early.client.snapshot({ selection: { port }, owners: false })
    const { steps, members } = await early.client.history.group({ id: groups[0]?.id ?? '' })
    expect(Math.max(...steps.flatMap(({ utilization }) => utilization))).toBeGreaterThan(1000)
    expect(members.map(({ id }) => id).sort()).toEqual(made.map(({ cookie }) => cookie).sort())
    await using next = await startSocketMaker({ command: 'server' })
    await next.open({ ...spec, port, count: 1 })
    await early.client.sampling.refresh()
    const { events } = await early.client.events.changes({})
    const ofMembers = events.filter(({ key, generations }) => key?.port === port && generations !== null)
    expect(ofMembers).toMatchObject([{ kind: 'joined', summary: 'server: 2 → 3 members' }])
  } finally {
    await early.close()
  }
})

/** Lets the engine's clock pass, in steps that leave no gap, until what happens on the port from now on is new. */
async function quiet(port: number): Promise<void> {
  await eventually(`nothing more happens on port ${port}`, async () => {
    aheadMs += 2000
    await engine.client.sampling.refresh()
    return (await events(port)).every(({ until }) => until !== null)
  })
}

/** Opens new members beside the old ones, and then closes those with connections in their queues. */
async function reload(old: SocketMaker, made: readonly MadeSocket[]): Promise<SocketMaker> {
  const next = await startSocketMaker()
  await next.open({ ...spec, port: portOf(made), count: 2 })
  await old.fill({ protocol: 'tcp', address: '127.0.0.1', port: portOf(made), count: 60 })
  return next
}

test('a reload is one event that tells what it cost', async () => {
  await using old = await startSocketMaker({ command: 'server' })
  const made = await old.openTogether({ ...spec, count: 4 })
  const port = portOf(made)
  await known(port, 'joined')
  await quiet(port)
  await using _next = await reload(old, made)
  await eventually('the engine has seen the new members', async () =>
    (await events(port)).some(({ kind, generations }) => kind === 'joined' && generations?.after.members === 6),
  )
  // With the connections that wait.
  await engine.client.sampling.refresh()
  const waiting = (await groupAt(port))?.members.filter(({ cookie }) => made.some((one) => one.cookie === cookie))
  await old.close(...made)
  // A refresh may see some of them leave first.
  const event = await eventually('all old members have left', async () =>
    (await events(port)).find(({ kind, generations }) => kind === 'reload' && generations?.after.members === 2),
  )
  expect(event.lost).toBe(waiting?.reduce((sum, { queue }) => sum + (queue.length ?? 0), 0))
  expect(event.lost).toBe(await old.broken())
  const group = await groupAt(port)
  const { membership } = await engine.client.history.group({ id: group?.id ?? '' })
  expect([0, ...membership.map(({ to }) => to)]).toEqual([...membership.map(({ from }) => from), 2])
  expect(Math.max(...membership.map(({ to }) => to))).toBe(6)
  expect(event.summary).toContain(`at least ${event.lost} connections reset`)
})

test('a finding is an event when it is raised and when it clears', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...spec, backlog: 1, count: 2 })
  const port = portOf(made)
  // What it loses before it is seen for the first time is not known to be new.
  await known(port, 'joined')
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 36 })
  expect(await known(port, 'raised')).toMatchObject({ finding: expect.stringMatching(/^queue-overflowing:/) })
  await maker.drain()
  for (const one of made) await maker.accept(one)
  const cleared = await known(port, 'cleared')
  expect(cleared.summary).toMatch(/^queue-overflowing cleared after .*(lost|nothing lost)$/)
  // The incident has lost all, also what was lost before the finding was raised.
  expect(cleared.incident?.lost).toBe((await groupAt(port))?.drops)
})

test('a time without refreshes is a gap, and what was lost meanwhile is counted', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...spec, backlog: 1, count: 2 })
  const port = portOf(made)
  await known(port, 'joined')
  await engine.client.sampling.pause({ paused: true })
  // A refresh that was in progress ends before this one.
  await engine.client.sampling.refresh()
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 36 })
  aheadMs += 60_000
  await engine.client.sampling.pause({ paused: false })
  const gap = await eventually('the gap is an event', async () => {
    const { events } = await engine.client.events.changes({})
    return events.find(({ kind, at, until }) => kind === 'unwatched' && span(at, until) > 50_000)
  })
  expect(gap.lost).toBeGreaterThan(0)
  expect(gap.summary).toContain('not watched for')
  const group = await groupAt(port)
  const { gaps, lost } = await engine.client.history.group({ id: group?.id ?? '' })
  expect(gaps.some(({ from, to }) => to - from > 50_000)).toBe(true)
  expect(lost).toBeGreaterThan(0)
})

function span(at: string, until: string | null): number {
  return until === null ? 0 : Date.parse(until) - Date.parse(at)
}

test('a namespace that appears is an event, and its groups are none of their own', async (context) => {
  needsRoot(context)
  // Those found shortly after the start were there before.
  aheadMs += 20_000
  await engine.client.sampling.refresh()
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether({ ...spec, count: 2 })
  const all = async () => (await engine.client.events.changes({})).events
  await eventually('the namespace is an event', async () =>
    (await all()).find(({ kind, namespace: where }) => kind === 'namespace' && where?.inode === namespace.inode),
  )
  expect(portOf(made)).toBeGreaterThan(0)
})

test('memory is bounded and reported', async () => {
  const usage = await engine.client.history.usage()
  expect(usage.bytes).toBeLessThanOrEqual(usage.maxBytes)
  expect(usage.maxBytes).toBeLessThanOrEqual(24 << 20)
})
