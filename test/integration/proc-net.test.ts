/**
 * A kernel whose sock_diag lacks TCP, UDP or both: the contents of /proc/net are shown, the rest is unknown, and the
 * reason is given. Real sockets; a preloaded library refuses sock_diag to the program.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PermissionCheck } from '../../electron/contract/live.ts'
import { Snapshot } from '../../electron/contract/model.ts'
import { PortUse } from '../../electron/contract/port.ts'
import { needsRoot } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { type Finished, runTerminal, startTerminal } from './support/terminal.ts'

const NOBODY = 65534
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reuseport-proc-net-'))
  const source = `${root}test/integration/support/refuse-sock-diag.c`
  execFileSync('cc', ['-shared', '-fPIC', '-Wall', '-Werror', '-o', join(folder, 'refuse.so'), source, '-ldl'])
  execFileSync('chmod', ['-R', 'a+rX', folder])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(needsRoot)

const reuseport: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] }

/** From now on, also for running programs. */
function refuse(protocols: string): void {
  writeFileSync(join(folder, 'refused'), protocols)
}

/** A command prefix that starts a program in this namespace, with sock_diag refused as configured. */
function refused(netns: string, uid = 0): string[] {
  const environment = [`LD_PRELOAD=${folder}/refuse.so`, `REFUSE_SOCK_DIAG=${folder}/refused`]
  const user = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  return ['ip', 'netns', 'exec', netns, ...user, 'env', ...environment]
}

function without(protocols: string, netns: string, args: readonly string[], uid = 0): Promise<Finished> {
  refuse(protocols)
  return runTerminal(args, refused(netns, uid))
}

async function snapshotWithout(protocols: string, netns: string, args: readonly string[] = []): Promise<Snapshot> {
  const { out, status } = await without(protocols, netns, ['groups', '--all', '--netns', 'self', '--json', ...args])
  expect(status).toBe(0)
  return Snapshot.parse(JSON.parse(out))
}

test('without tcp_diag and udp_diag the groups are listed, and the rest is unknown', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const tcp = await maker.openTogether({ ...reuseport, count: 3 })
  const udp = await maker.openTogether({ ...reuseport, protocol: 'udp', count: 2 })
  const [wide] = await maker.openTogether({ ...reuseport, family: 6, address: '::', count: 1 })
  const snapshot = await snapshotWithout('tcp udp', namespace.name)

  expect(snapshot.shortfalls).toMatchObject([
    { kind: 'limitation', netns: null, cause: expect.stringMatching(/no tcp_diag and no udp_diag/) },
  ])
  const on = (port: number | undefined, protocol: string) =>
    snapshot.groups.find((group) => group.port === port && group.protocol === protocol)
  const inodes = (made: readonly { inode: number }[]) => made.map(({ inode }) => inode).sort((a, b) => a - b)
  for (const [made, protocol] of [
    [tcp, 'tcp'],
    [udp, 'udp'],
  ] as const) {
    const group = on(made[0]?.port, protocol)
    expect(group).toMatchObject({ address: '127.0.0.1', sharing: 'reuseport', interface: null })
    expect(inodes(group?.members ?? [])).toEqual(inodes(made))
    for (const member of group?.members ?? []) {
      expect(member.cookie).toBeNull()
      expect(member.queue).toMatchObject({ length: 0, limit: null })
      expect(member.drops).toBe(protocol === 'tcp' ? null : 0)
      expect(member.holders).toMatchObject([{ pid: maker.pid }])
    }
  }
  // Root can read from the socket itself what /proc/net lacks.
  expect(on(wide?.port, 'tcp')).toMatchObject({ address: '::', v6only: false })
})

test('the terminal says what is missing on standard error, and makes no impossible lookup', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const [made] = await maker.openTogether({ ...reuseport, count: 2 })
  const port = made?.port ?? 0
  const groups = await without('tcp udp', namespace.name, ['groups'])
  expect(groups).toMatchObject({
    status: 0,
    messages: expect.stringMatching(/no tcp_diag and no udp_diag .*modprobe|reboot/s),
  })
  expect(groups.out).toContain(`127.0.0.1:${port}`)

  const shown = await without('tcp udp', namespace.name, ['show', `:${port}`])
  expect(shown.out).toMatch(/COOKIE/)
  expect(shown.out).toMatch(/Cookies, and which member a client reaches: both need sock_diag/)

  const withSockDiag = await runTerminal(
    ['groups', '--port', String(port), '--json'],
    ['ip', 'netns', 'exec', namespace.name],
  )
  const idIn = ({ out }: Finished) => Snapshot.parse(JSON.parse(out)).groups.map(({ id }) => id)
  const withoutIt = (args: readonly string[], uid?: number) => without('tcp udp', namespace.name, args, uid)
  expect(idIn(await withoutIt(['groups', '--port', String(port), '--json']))).toEqual(idIn(withSockDiag))
  expect(idIn(await withoutIt(['groups', '--port', String(port), '--json'], 65534))).toEqual(idIn(withSockDiag))

  const flow = ['--protocol', 'tcp', '--local', `127.0.0.1:${port}`]
  for (const command of [
    ['probe', ...flow, '--remote', '127.0.0.2:40000'],
    ['map', ...flow],
  ]) {
    const asked = await without('tcp udp', namespace.name, command)
    expect(asked).toMatchObject({
      status: 3,
      out: '',
      messages: expect.stringMatching(/kernel lookup of TCP.*no tcp_diag/s),
    })
  }
  // The rules determine the group, and nothing the member.
  const path = await withoutIt(['path', ...flow, '--remote', '127.0.0.2:40000', '--json'])
  expect(path).toMatchObject({ status: 0 })
  expect(JSON.parse(path.out)).toMatchObject({
    winner: { port },
    agrees: null,
    wakes: null,
    lookup: { steeredBy: 'unknown', member: null, reason: expect.stringMatching(/no tcp_diag/) },
    shortfalls: [{ kind: 'limitation' }],
  })
  for (const command of [
    ['show', `:${port}`],
    ['findings', '--for', '1'],
    ['port', String(port)],
  ]) {
    const answer = await withoutIt([...command, '--json'])
    expect(JSON.parse(answer.out), command[0]).toMatchObject({ shortfalls: [{ kind: 'limitation' }] })
  }
  const doctor = await without('tcp udp', namespace.name, ['doctor', '--json'])
  expect(JSON.parse(doctor.out)).toMatchObject({
    checks: expect.arrayContaining([
      expect.objectContaining({ id: 'sockets', state: 'partial', detail: expect.stringMatching(/no tcp_diag/) }),
      expect.objectContaining({ id: 'kernel-lookup', state: 'no' }),
    ]),
  })
})

test('a module loaded or unloaded at run time: the same groups, with and without cookies, no removals', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether({ ...reuseport, count: 2 })
  const port = made[0]?.port ?? 0
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 6 })
  refuse('tcp udp')
  const watching = startTerminal(
    ['watch', '--json', '--interval', '0.5', '--port', String(port)],
    refused(namespace.name),
  )
  try {
    const lines = createInterface({ input: watching.child.stdout })[Symbol.asyncIterator]()
    const ids = new Set<string>()
    /** Reads until the first snapshot whose members have cookies, or have none. */
    const next = async (withCookies: boolean): Promise<Snapshot> => {
      for (;;) {
        const snapshot = Snapshot.parse(JSON.parse(String((await lines.next()).value)))
        const members = snapshot.groups.flatMap((group) => group.members)
        for (const { id } of snapshot.groups) ids.add(id)
        expect(members).toHaveLength(made.length)
        expect(snapshot.findings.map(({ code }) => code)).not.toContain('reload-lost-connections')
        if (members.every(({ cookie }) => (cookie !== null) === withCookies)) return snapshot
      }
    }
    const cookies = made.map(({ cookie }) => cookie).sort()
    expect((await next(false)).shortfalls).toHaveLength(1)
    refuse('')
    const loaded = await next(true)
    expect(loaded.groups.flatMap(({ members }) => members.map(({ cookie }) => cookie)).sort()).toEqual(cookies)
    expect(loaded.shortfalls).toBeUndefined()
    refuse('tcp udp')
    expect((await next(false)).shortfalls).toHaveLength(1)
    expect(ids.size).toBe(1)
  } finally {
    watching.child.kill('SIGTERM')
    await watching.finished
  }
})

test('connections of a port are read from /proc/net', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const [listener] = await maker.openTogether({ ...reuseport, count: 1 })
  const port = listener?.port ?? 0
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 3 })
  const use = async (on: number) => {
    const { out, status } = await without('tcp udp', namespace.name, [
      'port',
      String(on),
      '--protocol',
      'tcp',
      '--json',
    ])
    expect(status).toBe(0)
    // In any namespace a port that the kernel chose may be in use.
    return PortUse.parse(JSON.parse(out)).holders.filter(({ netns }) => netns === namespace.inode)
  }
  const waiting = (await use(port)).filter(({ state }) => state === 'established')
  expect(waiting).toHaveLength(3)
  const client = waiting[0]?.remote
  expect(waiting[0]).toMatchObject({ address: '127.0.0.1', cookie: null, holders: null, group: null })
  expect(await use(client?.port ?? 0)).toMatchObject([
    { state: 'established', remote: { address: '127.0.0.1', port }, holders: [{ pid: maker.pid, command: 'maker' }] },
  ])
  const balance = await without('tcp udp', namespace.name, ['balance', `:${port}`, '--json'])
  expect(JSON.parse(balance.out)).toMatchObject({ connections: { queued: 3, ownersHidden: 0 } })
})

test('without udp_diag only, TCP is complete', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const tcp = await maker.openTogether({ ...reuseport, count: 2 })
  const udp = await maker.openTogether({ ...reuseport, protocol: 'udp', count: 2 })
  const snapshot = await snapshotWithout('udp', namespace.name)
  const cookies = (made: readonly { port: number }[]) =>
    snapshot.groups
      .filter(({ port }) => port === made[0]?.port)
      .flatMap(({ members }) => members.map(({ cookie }) => cookie))
  expect(cookies(tcp).sort()).toEqual(tcp.map(({ cookie }) => cookie).sort())
  expect(cookies(udp)).toEqual([null, null])
  expect(snapshot.shortfalls?.[0]?.cause).toMatch(/no udp_diag/)
})

test('without readable options, parallel listeners are not reported as sharing by SO_REUSEPORT', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const [made] = await maker.openTogether({ ...reuseport, count: 2 })
  const args = ['groups', '--all', '--netns', 'self', '--json']
  const { out } = await without('tcp udp', namespace.name, args, NOBODY)
  const groups = Snapshot.parse(JSON.parse(out)).groups.filter(({ port }) => port === made?.port)
  expect(groups).toMatchObject([
    { sharing: 'unknown', evidence: 'proc-net', interface: null, members: [{ cookie: null }, { cookie: null }] },
  ])
})

test('a kernel before Linux 6.8 does not list bound TCP sockets: no answer denies them', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const [bound] = await maker.open({ protocol: 'tcp', address: '127.0.0.1', state: 'bound' })
  const number = String(bound?.port)
  const doctor = async (refused: string) => {
    const { out } = await without(refused, namespace.name, ['doctor', '--json'])
    return (JSON.parse(out) as { checks: PermissionCheck[] }).checks.find(({ id }) => id === 'bound')
  }

  expect(await doctor('')).toMatchObject({ state: 'yes' })
  expect((await without('', namespace.name, ['port', number])).out).toContain('socket-maker')

  expect(await doctor('bound')).toMatchObject({
    state: 'no',
    detail: expect.stringContaining('Linux 6.8'),
    hint: null,
  })
  const page = (await without('bound', namespace.name, ['port', number])).out.replaceAll(/\s+/g, ' ')
  expect(page).toContain(`Nothing visible uses port ${number}.`)
  expect(page).toContain('TCP sockets that are bound but not listening are not checked: this kernel does not list them')
  expect(page).toContain('A socket that is not checked could have the port')
  expect(page).not.toContain('Any bind succeeds: tcp')
  const groups = await without('bound', namespace.name, ['groups', '--port', number])
  expect(groups.messages.replaceAll(/\s+/g, ' ')).toContain(`Nothing visible uses port ${number}.`)
})

test('without tcp_diag, the listeners are named, and bound sockets reported as not listed', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const [made] = await maker.openTogether({ ...reuseport, count: 2 })
  const { out, status } = await without('tcp', namespace.name, ['port', String(made?.port), '--json'])
  expect(status).toBe(0)
  const use = PortUse.parse(JSON.parse(out))
  expect(use.holders).toMatchObject([{ state: 'listening' }, { state: 'listening' }])
  expect(use.limitations).toEqual([expect.stringMatching(/^TCP sockets that are bound.*no tcp_diag/)])
  expect(use.binds.filter(({ protocol }) => protocol === 'tcp').map(({ succeeds }) => succeeds)).not.toContain(true)
})
