/** The analysis commands of the built terminal front, against real sockets. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { Balance, FindingRow, PacketPath, Probe, SteeringMap } from '../../electron/contract/analysis.ts'
import { Snapshot } from '../../electron/contract/model.ts'
import { PortUse } from '../../electron/contract/port.ts'
import { cli, plain, program } from './support/cli.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)

beforeEach(needsRoot)

/** The output of `findings --json`. */
const Findings = z.object({ findings: z.array(FindingRow) })

test('probe, path, map and balance print JSON and text', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 4 })
  const local = `127.0.0.1:${made[0]?.port}`
  const flow = ['--protocol', 'tcp', '--local', local, '--remote', '127.0.0.7:40000', '--netns', namespace.name]

  const probe = Probe.parse(JSON.parse((await cli('probe', ...flow, '--json')).out))
  expect(made.map(({ cookie }) => cookie)).toContain(probe.member?.cookie)
  expect(probe.group?.port).toBe(made[0]?.port)
  const words = await cli('probe', ...flow)
  expect(words).toMatchObject({ status: 0, messages: '' })
  expect(words.out).toContain(probe.member?.cookie)
  expect(words.out).toContain('Hash steering picks it among 4 members.')
  for (const warning of probe.warnings) expect(words.out.replace(/\s+/g, ' ')).toContain(warning)

  const path = PacketPath.parse(JSON.parse((await cli('path', ...flow, '--json')).out))
  expect(path).toMatchObject({ agrees: true, lookup: { member: { cookie: probe.member?.cookie } } })
  expect((await cli('path', ...flow)).out).toMatch(/won +The only one bound to the address itself/)

  const question = ['--protocol', 'tcp', '--local', local, '--netns', namespace.name]
  const map = SteeringMap.parse(JSON.parse((await cli('map', ...question, '--clients', '400', '--json')).out))
  expect(map.shares.reduce((sum, { clients }) => sum + clients, 0)).toBe(400)
  expect((await cli('map', ...question)).out).toContain('4,096 clients over 4 members')

  const balance = Balance.parse(
    JSON.parse((await cli('balance', `tcp:${local}`, '--netns', namespace.name, '--json')).out),
  )
  expect(balance.members).toHaveLength(4)
  expect((await cli('balance', probe.group?.id ?? '')).out).toContain('4,096 sampled flows over 4 members')
})

test('show of an endpoint that is shared in two ways shows all groups, and which sockets no client reaches', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const spec = (options: ('reuseaddr' | 'reuseport')[]) =>
    ({ protocol: 'udp', address: '0.0.0.0', port: 5353, options }) as const
  const made = [
    ...(await maker.open(spec(['reuseaddr', 'reuseport']))),
    ...(await maker.open(spec(['reuseaddr']))),
    ...(await maker.open(spec(['reuseaddr', 'reuseport']))),
  ]
  const words = await cli('show', 'udp:0.0.0.0:5353', '--netns', namespace.name)
  expect(words).toMatchObject({ status: 0, messages: '' })
  expect(words.out).toContain('3 sockets, sharing it in 2 different ways')
  expect(words.out).toContain(`No client reaches ${made[1]?.cookie} (maker ${maker.pid}).`)
  const shown = await cli('show', ':5353', '--netns', namespace.name, '--json')
  const { groups } = Snapshot.parse(JSON.parse(shown.out))
  expect(groups.flatMap(({ members }) => members.map(({ cookie }) => cookie)).sort()).toEqual(
    made.map(({ cookie }) => cookie).sort(),
  )
  // A snapshot has the groups, but not which socket a client would reach.
  const folder = mkdtempSync(join(tmpdir(), 'rpi-show-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'now.json')
  expect(await cli('snapshot', 'save', '--all', file)).toMatchObject({ status: 0 })
  const kept = await cli('show', file, ':5353', '--netns', namespace.name)
  expect(kept).toMatchObject({ status: 0, messages: '' })
  expect(kept.out).toContain('3 sockets, sharing it in 2 different ways')
  for (const { cookie } of made) expect(kept.out).toMatch(new RegExp(`^ *\\d+ +${cookie} `, 'm'))
})

test('a port that only a connection uses is not shown as free', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 21_000 })
  const client = { protocol: 'tcp', address: '127.0.0.1', port: 33_333, state: 'connected' } as const
  await maker.open({ ...client, remote: ['127.0.0.1', 21_000] })
  const where = ['--netns', namespace.name]
  for (const command of ['groups', 'sockets']) {
    const empty = await cli(command, '--port', '33333', ...where, '--json')
    expect(empty.status).toBe(0)
    expect(Snapshot.parse(JSON.parse(empty.out)).groups).toEqual([])
    expect(empty.messages).toContain(`does: established, maker (pid ${maker.pid})`)
  }
  const shown = await cli('show', ':33333', ...where)
  expect(shown.status).toBe(3)
  expect(shown.messages).toContain('No listener uses port 33333, but a connection')
  const page = await cli('port', '33333', '--protocol', 'tcp', ...where)
  expect(page.out).toMatch(/established +127\.0\.0\.1:33333 +127\.0\.0\.1:21000/)
  expect(page.out).toMatch(new RegExp(`no, maker ${maker.pid}`))
  const use = PortUse.parse(JSON.parse((await cli('port', '33333', ...where, '--json')).out))
  expect(use.holders).toHaveLength(1)
  expect(
    use.binds
      .filter(({ protocol, address }) => protocol === 'tcp' && address === '0.0.0.0')
      .map(({ succeeds }) => succeeds),
  ).not.toContain(true)
  // Nothing uses this one, so nothing is printed.
  expect(await cli('groups', '--port', '33334', ...where)).toMatchObject({ status: 0, messages: '' })
})

test('interrupted findings print what was found until then', async () => {
  const watching = run(process.execPath, [program, 'findings', '--for', '600', '--json'], {
    env: plain,
  })
  const { pid } = watching.child
  // Once it has a netlink socket (NETLINK_SOCK_DIAG is 4) it handles the signal.
  const asks = new RegExp(`^\\S+ +4 +${pid} `, 'm')
  await eventually('it queries the kernel', () => asks.test(readFileSync('/proc/net/netlink', 'latin1')))
  watching.child.kill('SIGINT')
  const out = await watching.then(
    ({ stdout }) => stdout,
    ({ code, stdout }: { code: number; stdout: string }) => (code === 1 ? stdout : `ended with ${code}`),
  )
  expect(Findings.parse(JSON.parse(out)).findings).toEqual(expect.any(Array))
})

test('findings takes the filters of groups, and prints rows', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const options: ('reuseport' | 'reuseaddr')[] = ['reuseport', 'reuseaddr']
  const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options, count: 2 })
  const port = made[0]?.port ?? 0
  const here = ['--netns', namespace.name, '--for', '0s', '-o', 'csv', '--columns', 'code,endpoint']
  const found = `code,endpoint\r\nport-hijackable,127.0.0.1:${port}\r\n`
  for (const filter of [
    ['--udp', '--ipv4', '--listening'],
    ['--port', `1,${port}-${port}`],
    ['--address', '127.0.0.0/8'],
    ['--pid', String(maker.pid)],
    ['--command', 'maker'],
  ])
    expect(await cli('findings', ...here, ...filter), filter.join(' ')).toMatchObject({ status: 0, out: found })
  for (const filter of [['--tcp'], ['-6'], ['--port', '1,2'], ['--address', '10.0.0.0/8'], ['--pid', '1']])
    expect(await cli('findings', ...here, ...filter), filter.join(' ')).toMatchObject({ out: 'code,endpoint\r\n' })
  expect(await cli('findings', ...here, '--unit', 'nothing.service')).toMatchObject({ out: 'code,endpoint\r\n' })
})

test('findings: status 1 for a critical one, 0 otherwise', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether({
    protocol: 'udp',
    address: '127.0.0.1',
    options: ['reuseport', 'reuseaddr'],
    count: 2,
  })
  const port = made[0]?.port
  const mine = (out: string) =>
    Findings.parse(JSON.parse(out)).findings.filter(({ key }) => key.netns === namespace.inode)
  const open = await cli('findings', '--for', '1', '--json')
  expect(mine(open.out).map(({ code, severity }) => [code, severity])).toEqual([['port-hijackable', 'warning']])

  await using stranger = await startSocketMaker({ netns: namespace.name, uid: 65534 })
  await stranger.open({ protocol: 'udp', address: '127.0.0.1', port: port ?? 0, options: ['reuseaddr'] })
  const taken = await cli('findings', '--for', '1', '--json')
  expect(taken.status).toBe(1)
  expect(mine(taken.out).some(({ severity }) => severity === 'critical')).toBe(true)
  const words = await cli('findings', '--for', '1')
  expect(words.status).toBe(1)
  expect(words.out).toMatch(/^critical +port-hijackable/m)
})

test.each([
  [['probe', '--protocol', 'tcp', '--local', '127.0.0.1:80'], 2, /--remote/],
  [['probe', '--protocol', 'sctp', '--local', '127.0.0.1:80', '--remote', '1.2.3.4:5'], 2, /sctp/],
  [['probe', '--protocol', 'tcp', '--local', '127.0.0.1', '--remote', '1.2.3.4:5'], 2, /not an address with a port/],
  [['probe', '--protocol', 'tcp', '--local', '127.0.0.1:80', '--remote', '1.2.3.4:70000'], 2, /not a port/],
  [['probe', '--protocol', 'tcp', '--local', '127.0.0.1:80', '--remote', '[2001:db8::1]:5'], 3, /families differ/],
  [['map', '--protocol', 'tcp', '--local', '127.0.0.1:80', '--clients', '0'], 2, /number of clients/],
  [['map', '--protocol', 'tcp', '--local', '127.0.0.1:80', '--prefix', '1.2.3.4/99'], 2, /not a prefix/],
  [
    ['path', '--protocol', 'tcp', '--local', '127.0.0.1:80', '--remote', '1.2.3.4:5', '--netns', 'nowhere'],
    3,
    /no accessible namespace has that name/,
  ],
  [['balance', 'nonsense'], 2, /is not a group/],
  [['findings', '--for', 'ever'], 2, /use a duration from 0s to 10m/],
])('%j is refused in one sentence', async (args, status, message) => {
  const ended = await cli(...args)
  expect(ended).toMatchObject({ status, out: '' })
  expect(ended.messages).toMatch(message)
  expect(ended.messages.trim().split('\n')).toHaveLength(1)
})
