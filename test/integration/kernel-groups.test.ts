/** The kernel's own groups in snapshots, in the terminal and in the permission checks; and without permissions, why not. */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import type { PermissionCheck } from '../../electron/contract/live.ts'
import type { Group } from '../../electron/contract/model.ts'
import { needsBpf } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { root, startChildEngine, startTestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)
const cli = `${root}dist/node/cli.cjs`

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context)
})

const shared = { address: '127.0.0.1', options: ['reuseport'] } satisfies Partial<SocketSpec>
const cookies = (made: readonly MadeSocket[]) => made.map(({ cookie }) => cookie)
const having = (groups: readonly Group[], { cookie }: MadeSocket) =>
  groups.find(({ members }) => members.some((member) => member.cookie === cookie))

test('every group of a snapshot has its kernel group, also in another namespace', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  await using engine = await startTestEngine()
  const tcp = await maker.openTogether({ ...shared, protocol: 'tcp', count: 3 })
  const udp = await maker.openTogether({ ...shared, protocol: 'udp', count: 2 })
  const [alone] = (await maker.open({ ...shared, protocol: 'tcp', options: [] })) as [MadeSocket]
  await maker.attach(tcp[0] as MadeSocket, 2)
  const snapshot = await engine.client.snapshot({ selection: { all: true } })
  expect(snapshot.kernelGroupsUnknownBecause).toBeUndefined()
  const kernel = { id: expect.any(Number), closed: [], maxSocks: 128, bindInany: false, hasConns: false }
  expect(having(snapshot.groups, tcp[0] as MadeSocket)?.kernelGroups).toEqual([
    {
      ...kernel,
      members: cookies(tcp),
      halfOpen: [0, 0, 0],
      program: { kind: 'classic', instructions: [{ code: 6, jt: 0, jf: 0, k: 2 }] },
    },
  ])
  expect(having(snapshot.groups, udp[0] as MadeSocket)?.kernelGroups).toEqual([
    { ...kernel, members: cookies(udp), halfOpen: null, program: null },
  ])
  expect(having(snapshot.groups, alone)).toMatchObject({ sharing: 'none', kernelGroups: [] })
})

test('a listener that cleared the flag before others joined has a kernel group of its own', async () => {
  await using maker = await startSocketMaker()
  await using engine = await startTestEngine()
  const [alone] = (await maker.open({ ...shared, protocol: 'tcp', clear: ['reuseport'] })) as [MadeSocket]
  const others = await maker.open({ ...shared, protocol: 'tcp', port: alone.port, count: 2 })
  const membersOf = async (made: MadeSocket) => {
    const group = having((await engine.client.snapshot({ selection: {} })).groups, made)
    return {
      // By cookie; each processor gives out its own.
      rows: group?.members.map(({ cookie }) => cookie).sort(),
      kernel: group?.kernelGroups?.map(({ members }) => members),
    }
  }
  expect(await membersOf(alone)).toEqual({ rows: [alone.cookie], kernel: [[alone.cookie]] })
  const [second] = others as [MadeSocket]
  expect(await membersOf(second)).toEqual({ rows: cookies(others).sort(), kernel: [cookies(others)] })
  // One that joins is in the row of its own group.
  const [third] = (await maker.open({ ...shared, protocol: 'tcp', port: alone.port })) as [MadeSocket]
  const all = [...cookies(others), third.cookie]
  expect(await membersOf(third)).toEqual({ rows: [...all].sort(), kernel: [all] })
  const { groups } = await engine.client.snapshot({ selection: { port: alone.port } })
  expect(groups.map(({ sharing }) => sharing)).toEqual(['reuseport', 'reuseport'])
  expect(new Set(groups.map(({ id }) => id)).size).toBe(2)
  expect(having(groups, alone)).toMatchObject({ evidence: 'bpf' })
})

test('a recording engine sees a program come and go', async () => {
  await using maker = await startSocketMaker()
  await using engine = await startTestEngine()
  const made = await maker.openTogether({ ...shared, protocol: 'udp', count: 4 })
  const program = async () => {
    const { groups } = await engine.client.snapshot({ selection: {}, owners: false })
    return having(groups, made[0] as MadeSocket)?.kernelGroups?.[0]?.program
  }
  expect(await program()).toBeNull()
  const id = having((await engine.client.snapshot({ selection: {} })).groups, made[0] as MadeSocket)?.id ?? ''
  const { kernel } = await engine.client.group.changes({ id })
  expect(kernel).toEqual({ groups: [expect.objectContaining({ members: 4, program: null })], unknownBecause: null })
  await maker.attachMap(made[0] as MadeSocket, made.slice(0, 2))
  expect(await program()).toMatchObject({
    kind: 'extended',
    name: 'pick_place',
    maps: [{ name: 'places', places: cookies(made.slice(0, 2)).map((cookie, key) => ({ key, cookie })) }],
  })
  await maker.detach(made[0] as MadeSocket)
  expect(await program()).toBeNull()
})

test('with CAP_BPF and CAP_PERFMON alone, groups of other users are known by BPF', async () => {
  await using others = await startSocketMaker({ uid: 33 })
  const udp = await others.openTogether({ ...shared, protocol: 'udp', count: 3 })
  const pair = '+cap_38,+cap_39'
  const { stdout } = await run(
    'setpriv',
    ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps', pair, '--ambient-caps', pair].concat([
      process.execPath,
      cli,
      'groups',
      '--json',
    ]),
    { maxBuffer: 1 << 26 },
  )
  const group = having(JSON.parse(stdout).groups, udp[0] as MadeSocket)
  expect(group).toMatchObject({ sharing: 'reuseport', evidence: 'bpf' })
  expect(group?.kernelGroups?.map(({ members }) => members)).toEqual([cookies(udp)])
})

test('without permissions the reason is in the snapshot, in `show` and in `doctor`', async () => {
  await using maker = await startSocketMaker()
  const tcp = await maker.openTogether({ ...shared, protocol: 'tcp', count: 2 })
  await using engine = await startChildEngine({ uid: 65534 })
  const reason = 'it requires CAP_BPF and CAP_PERFMON, and this process lacks CAP_BPF and CAP_PERFMON'
  const snapshot = await engine.snapshot({ selection: {} })
  expect(snapshot.kernelGroupsUnknownBecause).toBe(reason)
  expect(having(snapshot.groups, tcp[0] as MadeSocket)).not.toHaveProperty('kernelGroups')
  const { checks } = (await engine.ask('machine.capabilities')) as { checks: PermissionCheck[] }
  expect(checks.find(({ id }) => id === 'kernel-groups')).toMatchObject({
    state: 'no',
    detail: `${reason}; everything shown about steering is about the hash`,
    hint: expect.stringContaining('as root'),
  })
})

test('a reader that was killed: the groups are there, and the reason why no more is known', async () => {
  await using maker = await startSocketMaker()
  const [first] = await maker.openTogether({ ...shared, protocol: 'tcp', count: 2 })
  await using engine = await startTestEngine()
  await engine.client.snapshot({})
  // Those of engines that were closed before end by themselves.
  const pid = await eventually('its reader is the only one', () => {
    const list = execFileSync('pgrep', ['--parent', String(process.pid), '--exact', 'reuseport-bpf'], {
      encoding: 'utf8',
    })
    const [reader, ...others] = list.trim().split('\n')
    return others.length === 0 ? Number(reader) : null
  })
  process.kill(pid, 'SIGKILL')
  const after = await eventually('it has ended', async () => {
    const snapshot = await engine.client.snapshot({})
    return snapshot.kernelGroupsUnknownBecause === undefined ? null : snapshot
  })
  expect(after.kernelGroupsUnknownBecause).toBe('the BPF reader ended (SIGKILL)')
  expect(having(after.groups, first as MadeSocket)).toBeDefined()
})

test('the terminal: places, program and instructions', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...shared, protocol: 'tcp', count: 3 })
  await maker.attachClassic(made[0] as MadeSocket, [
    [0x20, 0, 0, 0xfffff024],
    [0x94, 0, 0, 3],
    [0x16, 0, 0, 0],
  ])
  const { stdout } = await run(process.execPath, [cli, 'show', `:${made[0]?.port}`])
  expect(stdout).toMatch(/^Kernel group {2}3 members; room for 128 in socks\[\], at most 32,768$/m)
  expect(stdout).toMatch(/^Program {7}classic, 3 instructions\n\s+0: ld cpu\n\s+1: mod #3\n\s+2: ret a$/m)
  const probe = await run(process.execPath, [
    cli,
    ...'probe --protocol tcp --remote 127.0.0.1:40000 --local'.split(' '),
    `127.0.0.1:${made[0]?.port}`,
  ])
  expect(probe.stdout.replace(/\s+/g, ' ')).toContain(
    'The attached program decides, not the hash, depending on the CPU that receives it. It returns 0 to 2.',
  )
})
