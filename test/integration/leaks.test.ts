/** Many refreshes leave descriptors and memory unchanged. `npm run bench` runs ten thousand. */
import { beforeEach, expect, test } from 'vitest'
import { eventually, needsRoot } from './support/conditions.ts'
import { type ChildEngine, startChildEngine, type Usage } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

beforeEach(needsRoot)

const REFRESHES = 250
/** Variation of a heap between collections. A leak of a row of 104 bytes per refresh and socket is half as much again. */
const SLACK_BYTES = 8 << 20

/** Short-lived descriptors disappear by themselves; leaked ones stay. */
function descriptorsAreBack(engine: ChildEngine, before: number): Promise<Usage> {
  return eventually(`no more than ${before} descriptors are open`, async () => {
    const usage = await engine.usage()
    return usage.descriptors <= before ? usage : null
  })
}

test(`${REFRESHES} refreshes hold descriptors and memory flat`, async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 500 })
  await maker.churn({ socket: { protocol: 'tcp', address: '127.0.0.1' }, rate: 100 })
  await using engine = await startChildEngine()
  await engine.refresh(REFRESHES / 5)
  const before = await engine.usage()
  await engine.refresh(REFRESHES)
  const after = await descriptorsAreBack(engine, before.descriptors)
  expect(after.heapUsed).toBeLessThan(before.heapUsed + SLACK_BYTES)
  expect(after.external).toBeLessThan(before.external + SLACK_BYTES)
  expect(after.rss).toBeLessThan(before.rss + 3 * SLACK_BYTES)
})

test('namespaces that are created and removed leave no descriptor behind', async () => {
  await using engine = await startChildEngine()
  const round = async () => {
    await using namespace = await makeNamespace()
    await using maker = await startSocketMaker({ netns: namespace.name })
    await maker.openTogether({ protocol: 'tcp', options: ['reuseport'], count: 2 })
    await engine.refresh(1)
  }
  await round()
  await engine.refresh(2)
  const before = await engine.usage()
  for (let count = 0; count < 20; count++) await round()
  await engine.refresh(2)
  await descriptorsAreBack(engine, before.descriptors)
})
