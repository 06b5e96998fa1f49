/** Sockets of every kind, made by the test, and the groups that the kernel's own rule makes of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/model.ts'
import { needsRoot, yamaScope } from './support/conditions.ts'
import { startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type Scene, scenes } from './support/scenes.ts'
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

/** Makes a scene in a namespace that holds nothing else; `look` gives everything that is seen there. */
async function compare(
  scene: Scene,
  options: MakerOptions,
  look: (namespace: TestNamespace) => Promise<Snapshot>,
): Promise<void> {
  await using namespace = await makeNamespace()
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
    expect(groupsIn(await look(namespace), namespace.inode)).toEqual(sorted(truth))
  } finally {
    for (const one of more) await one.end()
  }
}

describe.each(scenes)('$name', (scene) => {
  test('as root', async () => {
    await compare(scene, {}, ({ name }) => engine.client.snapshot({ selection: { netns: name, all: true } }))
  })
  if (scene.severalUsers) return
  test('as another user, of its own sockets', async (context) => {
    if (yamaScope() > 0) context.skip('Yama forbids a user to look into his own processes (kernel.yama.ptrace_scope)')
    await compare(scene, { uid: NOBODY }, async ({ path }) => {
      await using own = await startChildEngine({ uid: NOBODY, netns: path })
      return await own.snapshot({ selection: { all: true } })
    })
  })
})

test('a lone listener of Multipath TCP is asked too, though its descriptor has a cookie of its own', async (context) => {
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

test('users divide a port of UDP with SO_REUSEPORT only by keeping each other out; a second user is refused', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33 })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  await first.open(udp({ address: '127.0.0.1', port: 5008 }))
  await expect(second.open(udp({ address: '127.0.0.1', port: 5008 }))).rejects.toThrow(/in use/)
})

test('the groups of one user are found by the name of the user', async () => {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, uid: 33 })
  await using second = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  await first.open(tcp({ address: '127.0.0.1', port: 5010, count: 2 }))
  await second.open(tcp({ address: '127.0.0.1', port: 5011, count: 2 }))
  const of = await engine.client.snapshot({ selection: { netns: namespace.name, user: 'www-data' } })
  expect(of.groups.map((group) => group.port)).toEqual([5010])
})
