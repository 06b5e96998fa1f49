/** Sockets of every kind, opened by the test, and the groups that they form by the kernel's own rule. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/model.ts'
import { eventually, needsRoot, yamaScope } from './support/conditions.ts'
import { type ChildEngine, startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type Scenario, scenarios } from './support/scenarios.ts'
import { type MakerOptions, type SocketMaker, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { groupsIn, sorted } from './support/truth.ts'

const NOBODY = 65534
let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())
beforeEach(needsRoot)

const tcp = (more: Partial<SocketSpec> = {}): SocketSpec => ({ protocol: 'tcp', options: ['reuseport'], ...more })
const udp = (more: Partial<SocketSpec> = {}): SocketSpec => ({ protocol: 'udp', options: ['reuseport'], ...more })

/** Runs a scenario where nothing else has sockets; `look` returns everything found there. */
async function compare(
  scene: Scenario,
  namespace: TestNamespace,
  options: MakerOptions,
  look: () => Promise<Snapshot>,
): Promise<void> {
  const found = async () => groupsIn(await look(), namespace.inode)
  await eventually('the sockets of other scenarios are closed', async () => (await found()).length === 0)
  await using maker = await startSocketMaker({ netns: namespace.name, ...options })
  const more: SocketMaker[] = []
  try {
    const truth = await scene.make({
      namespace,
      maker,
      startMaker: async (other) => {
        const started = await startSocketMaker({ netns: namespace.name, ...other })
        more.push(started)
        return started
      },
    })
    expect(await found()).toEqual(sorted(truth))
  } finally {
    for (const one of more) await one.end()
  }
}

describe('as root', () => {
  let namespace: TestNamespace
  beforeAll(async () => {
    if (process.getuid?.() === 0) namespace = await makeNamespace()
  })
  afterAll(() => namespace?.[Symbol.asyncDispose]())

  const look = () => engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
  for (const scene of scenarios) test(scene.name, () => compare(scene, namespace, {}, look))
})

describe("as another user, with that user's sockets", () => {
  let namespace: TestNamespace
  let own: ChildEngine
  beforeAll(async () => {
    if (process.getuid?.() !== 0) return
    namespace = await makeNamespace()
    own = await startChildEngine({ uid: NOBODY, netns: namespace.path })
  })
  afterAll(async () => {
    await own?.end()
    await namespace?.[Symbol.asyncDispose]()
  })
  beforeEach((context) => {
    if (yamaScope() > 0) context.skip('Yama forbids users to trace their own processes (kernel.yama.ptrace_scope)')
  })

  const look = () => own.snapshot({ selection: { all: true } })
  for (const scene of scenarios.filter(({ severalUsers }) => severalUsers !== true))
    test(scene.name, () => compare(scene, namespace, { uid: NOBODY }, look))
})

test('the options of a Multipath TCP listener are read, though its descriptor has another cookie', async (context) => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.open(tcp({ address: '127.0.0.1', mptcp: true })).catch((error: unknown) => {
    if (/not supported|not available/.test(String(error))) context.skip('this kernel has no Multipath TCP')
    throw error
  })
  await maker.open({ protocol: 'tcp', address: '127.0.0.1', mptcp: true })
  const { groups } = await engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
  expect(groups).toHaveLength(2)
  for (const group of groups) {
    const [sharing, evidence] = group.port === made[0]?.port ? ['reuseport', 'socket-option'] : ['none', 'none']
    expect(group).toMatchObject({ sharing, evidence, members: [{ holders: [{ pid: maker.pid }] }] })
  }
})

test('a second user is refused a UDP port that another user shares with SO_REUSEPORT', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33 })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  await first.open(udp({ address: '127.0.0.1', port: 5008 }))
  await expect(second.open(udp({ address: '127.0.0.1', port: 5008 }))).rejects.toThrow(/in use/)
})

test('the groups of a user are found by user name', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33 })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  await first.open(tcp({ address: '127.0.0.1', port: 5010, count: 2 }))
  await second.open(tcp({ address: '127.0.0.1', port: 5011, count: 2 }))
  const of = await engine.client.snapshot({ selection: { netns: namespace.name, user: 'www-data' } })
  expect(of.groups.map((group) => group.port)).toEqual([5010])
})
