/** Two users with the same sockets, and different permissions, get the same groups with the same ids. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { needsRoot } from './support/conditions.ts'
import { type ChildEngine, startChildEngine } from './support/engine.ts'
import { addInterface, makeNamespace, type TestNamespace } from './support/namespace.ts'
import {
  type MadeSocket,
  type Option,
  type SocketMaker,
  type SocketSpec,
  startSocketMaker,
} from './support/socket-maker.ts'

const NOBODY = 65534
let namespace: TestNamespace
let maker: SocketMaker
let makers: SocketMaker[] = []
let viewers: ChildEngine[] = []

beforeEach(async (context) => {
  needsRoot(context)
  namespace = await makeNamespace()
  await addInterface(namespace, 'left')
  maker = await startSocketMaker({ netns: namespace.name, uid: 33 })
})
afterEach(async () => {
  for (const each of [...viewers, ...makers, maker]) await each?.end()
  viewers = []
  makers = []
  await namespace?.remove()
})

/** The id of each socket's group for root and for the user nobody, each in a first refresh. */
async function idsOf(made: readonly MadeSocket[]) {
  return { root: await idsSeenBy(await look(0), made), nobody: await idsSeenBy(await look(NOBODY), made) }
}

async function look(uid: number): Promise<ChildEngine> {
  const viewer = await startChildEngine({ uid, netns: namespace.path })
  viewers.push(viewer)
  return viewer
}

async function idsSeenBy(viewer: ChildEngine, made: readonly MadeSocket[]) {
  const { groups } = await viewer.snapshot({ selection: { all: true } })
  return made.map(({ cookie }) => groups.find(({ members }) => members.some((each) => each.cookie === cookie))?.id)
}

const places: readonly Partial<SocketSpec>[] = [
  { address: '127.0.0.1' },
  { address: '0.0.0.0' },
  { family: 6, address: '::', v6only: false },
  { family: 6, address: '::', v6only: true },
  { family: 6, address: '::1' },
  { family: 6, address: '::ffff:127.0.0.1' },
  { address: '0.0.0.0', interface: 'left' },
]
const ways: readonly Partial<SocketSpec>[] = [
  { options: [] },
  { options: ['reuseport'] },
  { options: ['reuseport'], count: 3 },
  { options: ['reuseaddr', 'reuseport'], count: 3 },
]
const udpWays: readonly Partial<SocketSpec>[] = [{ options: ['reuseaddr'] }, { options: ['reuseaddr'], count: 3 }]

test('sockets of one user, at every kind of address and with every kind of sharing', async () => {
  const made: MadeSocket[] = []
  for (const [at, place] of places.entries()) {
    const of = (protocol: 'tcp' | 'udp', all: readonly Partial<SocketSpec>[]) =>
      all.map((way, index): SocketSpec => ({ protocol, port: 5500 + 10 * at + index, ...place, ...way }))
    made.push(...(await maker.open(...of('tcp', ways), ...of('udp', [...ways, ...udpWays]))))
  }
  const { root, nobody } = await idsOf(made)
  expect(root).not.toContain(undefined)
  expect(nobody).toEqual(root)
})

test('UDP of several users at one endpoint', async () => {
  const guest = { uid: 34, options: ['reuseaddr'] } as const
  const member = { uid: 33, options: ['reuseaddr', 'reuseport'] } as const
  const made = [
    ...(await openAs(5300, guest, { ...guest, uid: 33 }, { ...guest, uid: 35 })),
    ...(await openAs(5301, { ...guest, uid: 35 }, guest)),
    ...(await openAs(5302, member, member, guest)),
    ...(await openAs(5303, guest, member, member)),
  ]
  const { root, nobody } = await idsOf(made)
  expect(nobody).toEqual(root)
})

test('UDP of one user, some with SO_REUSEPORT: they have the id that users get without their options', async () => {
  const member = { uid: 33, options: ['reuseaddr', 'reuseport'] } as const
  const other = { uid: 33, options: ['reuseaddr'] } as const
  const endpoints = [
    [member, member, other],
    [other, member, member],
    [member, other, member],
  ]
  const made: MadeSocket[] = []
  for (const [at, sockets] of endpoints.entries()) made.push(...(await openAs(5310 + at, ...sockets)))
  const ids = await idsOf(made)
  for (const [at, sockets] of endpoints.entries()) {
    const [root, nobody] = [ids.root, ids.nobody].map((all) => all.slice(3 * at, 3 * at + 3))
    const group = root?.[sockets.indexOf(member)]
    expect(root?.map((id) => id === group)).toEqual(sockets.map((socket) => socket === member))
    expect(nobody).toContain(group)
  }
})

test('an engine that has run for long has the ids of a new one', async () => {
  const old = await look(0)
  const made: MadeSocket[] = []
  const sockets = [
    { uid: 35, options: ['reuseaddr'] },
    { uid: 33, options: ['reuseaddr', 'reuseport'] },
    { uid: 34, options: ['reuseaddr'] },
    { uid: 33, options: ['reuseaddr'] },
  ] as const
  for (const socket of sockets) {
    made.push(...(await openAs(5320, socket)))
    await idsSeenBy(old, made)
  }
  expect(await idsSeenBy(old, made)).toEqual(await idsSeenBy(await look(0), made))
  for (const maker of makers.splice(0, 2)) {
    await maker.end()
    made.shift()
    expect(await idsSeenBy(old, made)).toEqual(await idsSeenBy(await look(0), made))
  }
})

/** One socket after the other on 127.0.0.1, each from its own process. */
async function openAs(port: number, ...sockets: readonly { uid: number; options: readonly Option[] }[]) {
  const made: MadeSocket[] = []
  for (const { uid, options } of sockets) {
    const one = await startSocketMaker({ netns: namespace.name, uid })
    makers.push(one)
    made.push(...(await one.open({ protocol: 'udp', address: '127.0.0.1', port, options: [...options] })))
  }
  return made
}
