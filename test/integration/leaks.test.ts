/** Many refreshes leave descriptors and memory as they were. `npm run bench` does it ten thousand times. */
import { beforeEach, expect, test } from 'vitest'
import { eventually, needsRoot } from './support/conditions.ts'
import { type ChildEngine, startChildEngine, type Usage } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

beforeEach(needsRoot)

const REFRESHES = 400
/** What a heap may move by between two collections. A leak of one row of 104 bytes a refresh and socket is more than twice that. */
const SLACK_BYTES = 8 << 20

/** What stands open for a moment goes by itself; what leaks stays. */
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

test('namespaces that come and go leave no descriptor behind', async () => {
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
