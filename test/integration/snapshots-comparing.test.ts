/** Scenarios on the real kernel, and their comparison. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Comparison } from '../../electron/contract/comparison.ts'
import type { Snapshot } from '../../electron/contract/model.ts'
import { SINGLE_FRAME } from '../../electron/engine/collect/frame-request.ts'
import { compare } from '../../electron/engine/snapshots/compare.ts'
import { collectParts } from '../../electron/engine/snapshots/parts.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())

const now = (netns: string): Promise<Snapshot> =>
  collectParts(engine.parts({ selection: { all: true, netns }, frame: SINGLE_FRAME }))
const story = ({ groups }: Comparison) =>
  groups.map(({ change, key, summary }) => ({ change, address: key.address, summary }))

test('a worker leaves with queued connections, one joins, a queue fills, services start and end', async (context) => {
  needsRoot(context)
  await using netns = await makeNamespace()
  await using maker = await startSocketMaker({ netns: netns.name })
  const listener = { protocol: 'tcp' as const, options: ['reuseport' as const], backlog: 20 }
  const workers = await maker.openTogether({ ...listener, address: '127.0.0.1', count: 2 })
  const port = workers[0]?.port ?? 0
  const [lone] = await maker.open({ ...listener, address: '127.0.0.2', count: 1 })
  const ending = await maker.open({ ...listener, address: '127.0.0.3' })
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 12 })
  const waiting = (snapshot: Snapshot, cookie: string | undefined) =>
    snapshot.groups.flatMap(({ members }) => members).find((member) => member.cookie === cookie)?.queue.length ?? 0
  const before = await eventually('twelve are queued', async () => {
    const snapshot = await now(netns.name)
    return workers.reduce((sum, { cookie }) => sum + waiting(snapshot, cookie), 0) === 12 ? snapshot : null
  })

  const leaving = workers.find(({ cookie }) => waiting(before, cookie) > 0)
  const staying = workers.find((worker) => worker !== leaving)
  if (leaving === undefined || staying === undefined || lone === undefined) throw new Error('a socket is missing')
  await maker.close(leaving, ...ending)
  await maker.open({ ...listener, address: '127.0.0.1', port })
  await maker.open({ ...listener, address: '127.0.0.4' })
  await maker.fill({ protocol: 'tcp', address: '127.0.0.2', port: lone.port, count: 21 })
  const after = await eventually('it is full', async () => {
    const snapshot = await now(netns.name)
    return waiting(snapshot, lone.cookie) === 21 ? snapshot : null
  })

  const lost = waiting(before, leaving.cookie)
  const kept = waiting(before, staying.cookie)
  const comparison = compare(before, after)
  expect(comparison.matchedBy).toBe('identity')
  const moved = kept === 0 ? `The fullest queue changed from ${lost} to 0 of 20 connections.` : null
  const shrunk = kept < lost ? `The fullest queue changed from ${lost} to ${kept} of 20 connections.` : moved
  expect(story(comparison).find(({ address }) => address === '127.0.0.1')?.summary).toEqual([
    ...(shrunk === null ? [] : [shrunk]),
    `1 socket removed and 1 added; ${lost} ${lost === 1 ? 'connection' : 'connections'} queued there when last seen.`,
  ])
  expect(story(comparison).filter(({ address }) => address !== '127.0.0.1')).toEqual([
    {
      change: 'changed',
      address: '127.0.0.2',
      summary: ['A member is full: 21 of 20 connections.'],
    },
    { change: 'added', address: '127.0.0.4', summary: ['Added: 1 member, held by socket-maker.'] },
    { change: 'removed', address: '127.0.0.3', summary: ['Removed: 1 member. Its queues were empty when last seen.'] },
  ])
  expect(comparison.summary[0]).toBe('Groups: 2 changed, 1 added, 1 removed, 0 unchanged.')
  expect(compare(after, await now(netns.name)).groups).toEqual([])
})

test('a reload that keeps the sockets: another process holds them', async (context) => {
  needsRoot(context)
  await using netns = await makeNamespace()
  await using maker = await startSocketMaker({ netns: netns.name })
  await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  const [old = 0] = await maker.fork({ command: 'worker' })
  const before = await now(netns.name)
  await maker.kill(old)
  await maker.fork({ command: 'worker' })
  const after = await now(netns.name)
  const [group] = compare(before, after).groups
  expect(group).toMatchObject({ change: 'changed', owner: null, added: [], removed: [] })
  expect(group?.generation).not.toBeNull()
  expect(group?.summary).toEqual([expect.stringMatching(/^Other processes of the same programs hold it/)])
})
