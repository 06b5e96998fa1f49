/**
 * A kernel without the sock_diag modules: what /proc/net has is shown, the rest is unknown, and the output says what is
 * missing and how to get it. Then the modules are loaded, one after the other. Runs before everything else.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Snapshot } from '../../../electron/contract/model.ts'
import { type MadeSocket, type SocketMaker, startSocketMaker } from '../../integration/support/socket-maker.ts'
import { loadModules, modulesAreOurs } from './modules.ts'
import { type Engine, serve, terminal } from './product.ts'

const PORT = 7201
const ROOT = 0
const NOBODY = 65534
const flow = {
  protocol: 'tcp' as const,
  local: { address: '127.0.0.1', port: PORT },
  remote: { address: '127.0.0.9', port: 40_000 },
}

describe('without the diag modules', { skip: modulesAreOurs ? false : "this machine's own kernel has them" }, () => {
  let maker: SocketMaker
  let tcp: MadeSocket[]
  let udp: MadeSocket[]
  let dropped = 0
  let engine: Engine
  before(async () => {
    const starting = serve(ROOT)
    maker = await startSocketMaker()
    const spec = { address: '127.0.0.1', port: PORT, options: ['reuseport' as const] }
    tcp = await maker.open({ ...spec, protocol: 'tcp', count: 3 })
    udp = await maker.open({ ...spec, protocol: 'udp', rcvbuf: 4096 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: PORT, count: 5 })
    const [receiver] = udp
    assert.ok(receiver)
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: PORT, count: 50, bytes: 1000 })
    dropped = 50 - (await maker.receive(receiver))
    engine = await starting
  })
  after(async () => {
    await engine?.end()
    await maker?.end()
  })

  const snapshotNow = () => engine.client.snapshot({ selection: { port: PORT, all: true } })
  const groupsOf = ({ groups }: Snapshot, protocol: 'tcp' | 'udp') => groups.filter((one) => one.protocol === protocol)
  const inodes = (made: readonly MadeSocket[]) => new Set(made.map(({ inode }) => inode))
  const cookies = (made: readonly { cookie: string | null }[]) => new Set(made.map(({ cookie }) => cookie))

  const matchesProcNet = (snapshot: Snapshot) => {
    const [listeners] = groupsOf(snapshot, 'tcp')
    assert.deepEqual(inodes(tcp), new Set(listeners?.members.map(({ inode }) => inode)))
    assert.equal(listeners?.queue.length, 5)
    for (const { cookie, queue, drops } of listeners?.members ?? []) {
      assert.deepEqual([cookie, queue.limit, drops], [null, null, null])
    }
    const [receivers] = groupsOf(snapshot, 'udp')
    assert.deepEqual(inodes(udp), new Set(receivers?.members.map(({ inode }) => inode)))
    assert.equal(receivers?.drops, dropped)
    assert.match(JSON.stringify(snapshot.shortfalls), /modprobe/)
  }

  test('groups have what /proc/net has, as root', async () => matchesProcNet(await snapshotNow()))

  test('groups have what /proc/net has, as another user, in the terminal', async () => {
    const { status, out } = await terminal(['groups', '--all', '--port', String(PORT), '--json'], NOBODY)
    assert.equal(status, 0)
    matchesProcNet(JSON.parse(out) as Snapshot)
  })

  test('the doctor names the modules', async () => {
    const { checks } = await engine.client.machine.capabilities()
    const check = (id: string) => checks.find((one) => one.id === id)
    assert.equal(check('sockets')?.state, 'partial')
    assert.match(check('sockets')?.hint ?? '', /modprobe/)
    assert.equal(check('kernel-lookup')?.state, 'no')
    assert.match(check('bound')?.hint ?? '', /modprobe/)
  })

  test('probe invents no answer', async () => {
    await assert.rejects(engine.client.steering.probe(flow), (error: { data?: unknown }) =>
      /modprobe/.test(JSON.stringify(error.data)),
    )
  })

  test('path names the group by the rules, and says that the member is unknown', async () => {
    const { winner, agrees, lookup: kernel } = await engine.client.steering.path(flow)
    assert.deepEqual([winner?.port, agrees, kernel.steeredBy, kernel.member], [PORT, null, 'unknown', null])
    assert.match(kernel.reason, /no tcp_diag/)
  })

  test('the answer about a port has its listeners and connections, and says what is not covered', async () => {
    const { holders, limitations } = await engine.client.machine.port({ port: PORT, protocol: 'tcp' })
    assert.deepEqual(
      new Set(holders.map(({ state, cookie }) => `${state} ${cookie}`)),
      new Set(['listening null', 'established null']),
    )
    assert.match(limitations.join(), /bound.*modprobe/)
  })

  test('show says in the terminal what is missing', async () => {
    const { out, messages } = await terminal(['show', `tcp:127.0.0.1:${PORT}`], ROOT)
    assert.match(out + messages, /modprobe/)
  })

  test('with the module of one protocol, everything is known of that one and nothing more of the other', async () => {
    loadModules('inet_diag', 'tcp_diag')
    // A running engine retries every few seconds.
    let snapshot: Snapshot
    do snapshot = await snapshotNow()
    while (groupsOf(snapshot, 'tcp').some(({ members }) => members.some(({ cookie }) => cookie === null)))
    const [listeners] = groupsOf(snapshot, 'tcp')
    assert.deepEqual(cookies(listeners?.members ?? []), cookies(tcp))
    assert.equal(listeners?.evidence, 'co-listening')
    assert.deepEqual(
      groupsOf(snapshot, 'udp').flatMap(({ members }) => members.map(({ cookie }) => cookie)),
      [null],
    )
  })

  test('a running engine notices when the rest is loaded', async () => {
    loadModules('udp_diag')
    let seen: Snapshot
    do seen = await snapshotNow()
    while (seen.shortfalls?.some(({ hint: remedy }) => remedy?.includes('modprobe')))
    assert.deepEqual(cookies(seen.groups.flatMap(({ members }) => members)), cookies([...tcp, ...udp]))
  })
})
