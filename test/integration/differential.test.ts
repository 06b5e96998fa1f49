/** The same sockets by three readers: the engine, `ss`, and the `netlink` package with a request written by hand. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/model.ts'
import { loadAddon } from '../../native/index.ts'
import { needsRoot } from './support/conditions.ts'
import { addonPath, root, startTestEngine, type TestEngine } from './support/engine.ts'
import { addInterface, makeNamespace, type TestNamespace } from './support/namespace.ts'
import type { Dump } from './support/netlink-dump.ts'
import { type SocketMaker, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { readSs, type SsSocket } from './support/ss.ts'

const run = promisify(execFile)
/** The kernel's states, as `ss` and sock_diag write them. */
const SS_STATES = { listening: 'LISTEN', bound: 'UNCONN', unconnected: 'UNCONN', connected: 'ESTAB' } as const
const DIAG_STATES = { listening: 10, bound: 7, unconnected: 7, connected: 1 } as const

let namespace: TestNamespace | undefined
const makers: SocketMaker[] = []
let engine: TestEngine
let snapshot: Snapshot
let ss: SsSocket[]
let dumped: Dump
let interfaces: Map<number, string>

beforeAll(async () => {
  if (process.getuid?.() !== 0) return
  engine = await startTestEngine()
  namespace = await makeNamespace()
  await addInterface(namespace, 'wire', '10.77.0.1/24')
  await namespace.ip('addr', 'add', '10.77.1.1', 'peer', '10.77.1.2', 'dev', 'wire')
  await namespace.ip('addr', 'add', 'fd00:77::1', 'peer', 'fd00:77::2', 'dev', 'wire')
  await namespace.ip('addr', 'add', '2001:db8:77::1/64', 'dev', 'wire-peer', 'nodad')
  await fillWithEverything(namespace.name)
  snapshot = await engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
  ss = await readSs(namespace.name)
  const { stdout } = await run('nsenter', [
    `--net=${namespace.path}`,
    process.execPath,
    `${root}${inject('programs')}/netlink-dump.js`,
  ])
  dumped = JSON.parse(stdout) as Dump
  const links = await run('ip', ['-n', namespace.name, '-j', 'link'])
  const parsed = JSON.parse(links.stdout) as { ifindex: number; ifname: string }[]
  interfaces = new Map(parsed.map(({ ifindex, ifname }) => [ifindex, ifname]))
})
afterAll(async () => {
  await engine?.close()
  for (const maker of makers) await maker.end()
  await namespace?.remove()
})

/** Every kind of socket, some hundreds of each, with queues and drops. */
async function fillWithEverything(netns: string): Promise<void> {
  let port = 9000
  for (const uid of [0, 33, 65534]) {
    const maker = await startSocketMaker({ netns, uid })
    makers.push(maker)
    const places: Partial<SocketSpec>[] = [
      { address: '127.0.0.1' },
      { address: '0.0.0.0' },
      { address: '10.77.0.1' },
      { family: 6, address: '::1' },
      { family: 6, address: '::' },
      { family: 6, address: '::', v6only: true },
      { family: 6, address: '::ffff:127.0.0.1' },
    ]
    if (uid === 0) places.push({ address: '0.0.0.0', interface: 'wire' })
    for (const place of places) {
      for (const protocol of ['tcp', 'udp'] as const) {
        const base: SocketSpec = { protocol, ...place, options: ['reuseport'] }
        await maker.open({ ...base, port: port++, count: 20, backlog: 5 + (port % 50), rcvbuf: 4000 + port })
        await maker.open({ ...base, port: port++, options: ['reuseaddr', 'reuseport'], count: 5 })
        await maker.open({ ...base, port: port++, options: [] })
        if (protocol === 'udp') await maker.open({ ...base, port: port++, options: ['reuseaddr'], count: 3 })
        else await maker.open({ ...base, port: port++, state: 'bound', count: 2 })
      }
    }
    await maker.open({
      protocol: 'udp',
      address: '127.0.0.1',
      options: ['reuseport'],
      port: port++,
      state: 'connected',
      remote: ['127.0.0.1', 9],
      count: 2,
    })
    const [listener] = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: port++, backlog: 10 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: listener?.port ?? 0, count: 14, stuck: 3 })
    const [receiver] = await maker.open({ protocol: 'udp', address: '127.0.0.1', port: port++, rcvbuf: 3000 })
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: receiver?.port ?? 0, count: 50 })
  }
}

/** The engine's members by cookie, with the fields of their group. */
function flattened() {
  return snapshot.groups.flatMap((group) => group.members.map((member) => ({ group, member })))
}

test('field by field as in `ss -H -n -e -m`', (context) => {
  needsRoot(context)
  expect(ss.length).toBeGreaterThan(500)
  const ours = flattened()
    .filter(({ member }) => member.state !== 'bound') // ss 6.1 does not request these.
    .map(({ group, member }) => ({
      cookie: member.cookie,
      protocol: group.protocol,
      family: group.family,
      state: SS_STATES[member.state],
      address: group.address,
      port: group.port,
      interface: group.interface,
      inode: member.inode,
      uid: member.uid,
      v6only: group.family === 'ipv4' || member.state === 'connected' ? null : group.v6only,
      length: member.queue.length,
      limit: member.queue.limit,
      drops: member.drops,
    }))
  const theirs = ss.map((socket) => ({
    cookie: socket.cookie,
    protocol: socket.protocol,
    family: socket.family,
    state: socket.state,
    address: socket.address,
    port: socket.port,
    interface: socket.interface,
    inode: socket.inode,
    uid: socket.uid,
    v6only: socket.v6only,
    length: socket.receiveQueue,
    limit: socket.protocol === 'tcp' ? socket.sendQueue : socket.rcvbuf,
    drops: socket.drops,
  }))
  expect(ours.sort(byCookie)).toEqual(theirs.sort(byCookie))
})

test('field by field as the netlink package reads it', (context) => {
  needsRoot(context)
  expect(dumped.sockets.length).toBeGreaterThan(500)
  const ours = flattened().map(({ group, member }) => ({
    cookie: member.cookie,
    protocol: group.protocol,
    family: group.family,
    state: DIAG_STATES[member.state],
    port: group.port,
    interface: group.interface,
    inode: member.inode,
    uid: member.uid,
    length: member.queue.length,
    limit: member.queue.limit,
    drops: member.drops,
  }))
  const theirs = dumped.sockets.map((socket) => {
    const bound = socket.protocol === 'tcp' && socket.state === DIAG_STATES.bound
    const limit = socket.protocol === 'tcp' ? socket.sendQueue : socket.rcvbuf
    return {
      cookie: socket.cookie,
      protocol: socket.protocol,
      family: socket.family,
      state: socket.state,
      port: socket.port,
      interface: socket.interface === 0 ? null : interfaces.get(socket.interface),
      inode: socket.inode,
      uid: socket.uid,
      // Only a listener has an accept queue.
      length: bound ? null : socket.receiveQueue,
      limit: bound ? null : limit,
      drops: socket.drops,
    }
  })
  expect(ours.sort(byCookie)).toEqual(theirs.sort(byCookie))
})

test('interfaces and their addresses are as the netlink package reads them', async (context) => {
  needsRoot(context)
  expect(dumped.interfaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['lo', 'wire', 'wire-peer']))
  const { Reader } = loadAddon(addonPath)
  const reader = new Reader()
  const read = await reader.readInterfaces(await reader.openNamespace(namespace?.path ?? ''))
  reader.close()
  const ours = (read ?? []).map(({ index, name, addresses }) => ({
    index,
    name,
    addresses: addresses.map(({ family, bytes }) =>
      Buffer.from(bytes.subarray(0, family === 4 ? 4 : 16)).toString('hex'),
    ),
  }))
  expect(ours).toEqual(dumped.interfaces)
  expect(ours.find(({ name }) => name === 'wire')?.addresses).toEqual(
    expect.arrayContaining(['0a4d0001', '0a4d0101', `fd000077${'0'.repeat(22)}01`]),
  )
})

test('queues that overflowed and buffers that dropped are among them', (context) => {
  needsRoot(context)
  const members = flattened().map(({ member }) => member)
  expect(members.some((member) => member.state === 'listening' && member.queue.length === 11)).toBe(true)
  expect(members.some((member) => member.state === 'unconnected' && (member.drops ?? 0) > 0)).toBe(true)
})

function byCookie(a: { cookie: string | null }, b: { cookie: string | null }): number {
  return (a.cookie ?? '') < (b.cookie ?? '') ? -1 : 1
}
