/** What metrics count between scrapes, with sockets that open and close. */
import { expect, test } from 'vitest'
import { eventually, needsRoot } from './support/conditions.ts'
import { startTestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

test('members that join and leave are counted by refresh, and losses stay counted', async (context) => {
  needsRoot(context)
  await using engine = await startTestEngine()
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const spec = { protocol: 'tcp' as const, address: '127.0.0.1', options: ['reuseport' as const], backlog: 1 }
  const [old] = await maker.openTogether({ ...spec, count: 2 })
  const history = engine.recordMetrics()
  const groupAt = async (port: number | undefined) => {
    const { groups } = await engine.client.snapshot({ selection: { netns: namespace.name, port } })
    return groups[0]
  }
  const before = await groupAt(old?.port)
  expect(history.counters.of(before?.id ?? '')).toMatchObject({ members: 2, joined: 0, left: 0, drops: 0 })

  const made = await maker.openTogether({ ...spec, count: 3 })
  const group = await groupAt(made[0]?.port)
  if (group === undefined) throw new Error('the group is not listed')
  // As a scrape does: a group with labels is not forgotten with its last member.
  history.labelsOf(group, () => namespace.name)
  const counts = () => history.counters.of(group.id)
  /** Reads until the count of members is right: whether one left may be uncertain for a moment. */
  const once = (members: number) =>
    eventually(`${members} members are counted`, async () => {
      await groupAt(group.port)
      return counts()?.members === members ? counts() : null
    })
  expect(counts()).toMatchObject({ members: 3, joined: 3, left: 0, drops: 0 })

  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: group.port, count: 60, stuck: 54 })
  const lost = (await groupAt(group.port))?.drops ?? 0
  expect(lost).toBeGreaterThan(0)
  expect(counts()?.drops).toBeGreaterThanOrEqual(lost)

  await maker.close(...made.slice(0, 2))
  expect(await once(1)).toMatchObject({ joined: 3, left: 2 })
  await maker.open({ ...spec, port: group.port })
  expect(await once(2)).toMatchObject({ joined: 4, left: 2 })
  await maker.close(...made.slice(2))
  await maker.end()
  expect(await once(0)).toMatchObject({ joined: 4, left: 4 })
  expect(counts()?.drops).toBeGreaterThanOrEqual(lost)

  await using again = await startSocketMaker({ netns: namespace.name })
  await again.open({ ...spec, port: group.port, count: 2 })
  expect(await once(2)).toMatchObject({ joined: 6, left: 4 })
  expect(counts()?.drops).toBeGreaterThanOrEqual(lost)
  // This one had no labels.
  await eventually('the other group is forgotten', async () => {
    await groupAt(group.port)
    return history.counters.of(before?.id ?? '') === null
  })
})
