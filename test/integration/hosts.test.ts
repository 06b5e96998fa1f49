/** `--host` and `--via`: another host's groups in this terminal, and nothing left behind. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ROOT_HERE } from '../../electron/contract/constants.ts'
import type { KnownHost } from '../../electron/contract/hosts.ts'
import { Snapshot } from '../../electron/contract/model.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { needsProgram } from './support/program.ts'
import { type SocketMaker, startSocketMaker } from './support/socket-maker.ts'
import { type SshHost, startSshHost } from './support/ssh-host.ts'

let host: SshHost
let maker: SocketMaker
let port: number
let cookies: string[]

beforeEach((context) => {
  needsRoot(context)
  needsProgram(context, 'sshd')
})

beforeAll(async () => {
  if (process.getuid?.() !== 0) return
  host = await startSshHost()
  host.install()
  maker = await startSocketMaker({ netns: host.far.name, command: 'maker' })
  const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 3 })
  port = made[0]?.port ?? 0
  cookies = made.map(({ cookie }) => cookie).sort()
})
afterAll(async () => {
  await maker?.[Symbol.asyncDispose]()
  await host?.[Symbol.asyncDispose]()
})

const membersOf = (snapshot: Snapshot) =>
  snapshot.groups.flatMap(({ members }) => members.map(({ cookie }) => cookie)).sort()

test("groups --host lists the other host's groups, and leaves nothing there", async () => {
  const { status, out, messages } = await host.cli('groups', '--host', 'web7', '--json')
  expect({ status, messages }).toEqual({ status: 0, messages: '' })
  expect(membersOf(Snapshot.parse(JSON.parse(out)))).toEqual(cookies)
  await eventually('no engine is left', async () => (await host.engines()).length === 0)
})

/** Without ssh, which takes longer. */
const inNamespace = () => `nsenter --net=${host.far.path} env PATH=${host.folder}/far-bin:$PATH sh`
const flow = () => ['--protocol', 'tcp', '--local', `127.0.0.1:${port}`]
const client = ['--remote', '127.0.0.1:40000']

test.each<[string, () => string[]]>([
  ['groups', () => []],
  ['sockets', () => []],
  ['show', () => [`:${port}`]],
  ['watch', () => ['--json', '--count', '2', '--interval', '100ms']],
  ['probe', () => [...flow(), ...client]],
  ['map', flow],
  ['path', () => [...flow(), ...client]],
  ['port', () => [String(port)]],
  ['balance', () => [`:${port}`]],
  ['export', () => ['now', '--format', 'csv']],
])('%s reads the other host', async (command, args) => {
  const { status, messages, out } = await host.cli(command, ...args(), '--via', inNamespace())
  expect({ status, messages }).toEqual({ status: 0, messages: '' })
  expect(out).toMatch(new RegExp(`\\b${port}\\b`))
})

test('findings and doctor read the other host', async () => {
  const findings = await host.cli('findings', '--for', '0s', '--json', '--via', inNamespace())
  expect({ status: findings.status, messages: findings.messages }).toEqual({ status: 0, messages: '' })
  const doctor = await host.cli('doctor', '--json', '--via', inNamespace())
  expect(JSON.parse(doctor.out)).toMatchObject({ schema: 'reuseport-inspector/doctor/1', host: { uid: 0 } })
})

test('snapshots and recordings of the other host are files of this one', async () => {
  const [saved, recording] = [join(host.folder, 'saved.json'), join(host.folder, 'recording.ndjson')]
  expect(await host.cli('snapshot', 'save', saved, '--via', inNamespace())).toMatchObject({ status: 0 })
  const difference = await host.cli('diff', saved, 'now', '--exit-code', '--via', inNamespace())
  expect(difference).toMatchObject({ status: 0, messages: '' })
  const recorded = await host.cli('record', recording, '--count', '2', '--interval', '100ms', '--via', inNamespace())
  expect(recorded).toMatchObject({ status: 0, messages: expect.stringMatching(/^2 snapshots over .* recorded/) })
  const played = (await host.cli('play', recording, '--json')).out.trim().split('\n')
  expect(played.map((text) => membersOf(Snapshot.parse(JSON.parse(text))))).toEqual([cookies, cookies])
})

/** A shell with folders of its own for programs: this machine's are not those of a test. */
const apart = () =>
  `unshare --mount sh -c 'mount --bind ${host.folder} /mnt; for folder in /run /var/tmp /tmp /dev/shm; do mount -t tmpfs tmpfs $folder; done; HOME=/mnt/home exec sh'`

test('a command that was named is a host; and what was put on a host can be removed', async () => {
  expect(await host.cli('host', 'add', 'nearby', '--via', inNamespace())).toMatchObject({ status: 0, messages: '' })
  const { hosts } = JSON.parse((await host.cli('host', 'list', '--json')).out) as { hosts: KnownHost[] }
  expect(hosts.filter(({ origin }) => origin !== 'container')).toMatchObject([
    { name: 'nearby', via: inNamespace(), origin: 'added' },
    { name: 'web7', via: null, origin: 'ssh-config', detail: '10.99.7.2, root' },
    { name: 'locked' },
  ])
  const cache = join(host.folder, 'home/.cache/reuseport-inspector')
  mkdirSync(cache, { recursive: true, mode: 0o700 })
  writeFileSync(join(cache, 'engine-0123456789abcdef'), '')
  await host.cli('host', 'add', 'nearby', '--via', apart())
  expect((await host.cli('host', 'clean', 'nearby')).out).toMatch(/^1 file or folder removed/)
  expect(existsSync(cache)).toBe(false)
  expect(await host.cli('host', 'remove', 'nearby')).toMatchObject({ status: 0, out: 'Removed nearby.\n' })
  expect(await host.cli('host', 'add', ROOT_HERE, '--via', 'sh')).toMatchObject({ status: 2 })
  expect(await host.cli('host', 'remove', 'nearby')).toMatchObject({ status: 3 })
})

test('a container is a host by its name, and those that run here are listed', async () => {
  host.installDocker()
  const { status, out, messages } = await host.cli('groups', '--host', 'docker:web', '--json')
  expect({ status, messages }).toEqual({ status: 0, messages: '' })
  expect(membersOf(Snapshot.parse(JSON.parse(out)))).toEqual(cookies)
  const { hosts } = JSON.parse((await host.cli('host', 'list', '--json')).out)
  expect(hosts).toContainEqual({
    name: 'docker:web',
    via: 'docker exec -i web sh',
    origin: 'container',
    detail: 'nginx:1.27',
    lastConnectedAt: null,
  })
  expect(await host.cli('groups', '--host', 'docker:wrong')).toMatchObject({
    status: 4,
    messages: expect.stringMatching(
      /connecting to docker:wrong: Error response from daemon: No such container: wrong\. Check the name\.\n$/,
    ),
  })
  expect(await host.cli('groups', '--host', 'docker:-it')).toMatchObject({ status: 2 })
})

test('several hosts in one table: one that cannot be reached delays and hides no other', async () => {
  await host.cli('host', 'add', 'nearby', '--via', inNamespace())
  const { status, out, messages } = await host.cli('groups', '--hosts', 'nearby,10.99.7.1,web7')
  expect(status).toBe(4)
  expect(messages).toMatch(/^reuseport-inspector: connecting to 10\.99\.7\.1: .*Connection refused.*\n$/)
  const found = out.split('\n').filter((text) => text.includes(`:${port} `))
  expect(found.map((text) => text.split(' ')[0]).sort()).toEqual(['nearby', 'web7'])
  await host.cli('host', 'remove', 'nearby')
})

test('any command that gives a sh will do, whatever it prints before', async () => {
  const via = `cat /dev/urandom | head -c 20000; echo; echo Welcome; ${inNamespace()}`
  const { status, out, messages } = await host.cli('groups', '--via', via, '--json')
  expect({ status, messages }).toEqual({ status: 0, messages: '' })
  expect(membersOf(Snapshot.parse(JSON.parse(out)))).toEqual(cookies)
})

test.each<[string, string[], RegExp]>([
  [
    'a closed port',
    ['--host', '10.99.7.1'],
    /connecting to 10\.99\.7\.1: ssh: connect to host 10\.99\.7\.1 port 22: Connection refused\. Try `ssh 10\.99\.7\.1 true`\.\n$/,
  ],
  [
    'a key that the host does not know',
    ['--via', 'ssh -o IdentityFile=none -o BatchMode=yes root@10.99.7.2 sh'],
    /Permission denied \(publickey\)/,
  ],
  [
    'an unknown host key',
    ['--via', 'ssh -o UserKnownHostsFile=/dev/null -o BatchMode=yes web7 sh'],
    /Host key verification failed\./,
  ],
  ['a command that is not there', ['--via', 'no-such-command'], /no-such-command: not found/],
  ['no program there', ['--via', 'env PATH=/usr/bin:/bin sh'], /no reuseport-inspector is installed there \(\w+\)/],
  [
    'a shell that prints and ends',
    ['--via', 'echo "This account is currently not available."'],
    /its shell ended without starting an engine \(This account is currently not available\.\)/,
  ],
  ['a shell that prints without end', ['--via', 'yes'], /its shell ended without starting an engine/],
])('%s is one sentence with the words of the other side, and status 4', async (_name, options, sentence) => {
  const { status, out, messages } = await host.cli('groups', ...options)
  expect({ status, out }).toEqual({ status: 4, out: '' })
  expect(messages).toMatch(sentence)
  expect(messages.split('\n')).toHaveLength(2)
})

test('a refused key is tried once: a host locks out clients that fail again and again', async () => {
  const attempts = () => host.log().split('Connection from').length
  const before = attempts()
  await host.cli('groups', '--via', 'ssh -o IdentityFile=none -o BatchMode=yes root@10.99.7.2 sh')
  expect(attempts()).toBe(before + 1)
})

test('another version there is refused, and what it prints reaches the terminal without control characters', async () => {
  host.install(
    String.raw`[ "$1" = --version ] && printf '0.0.1 \033[2J\n' && exit; printf '\033]0;owned\007' >&2; exit 2`,
  )
  try {
    const { status, messages } = await host.cli('groups', '--host', 'web7')
    expect(status).toBe(4)
    expect(messages).toMatch(/reuseport-inspector there is version 0\.0\.1 \S*\[2J, and this is/)
    expect(messages).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
  } finally {
    host.install()
  }
})

/** The error of a command that prints JSON. */
function lost(why: string): string {
  const message = `the connection was lost: ${why}.`
  return `${JSON.stringify({ schema: 'reuseport-inspector/error/1', status: 4, message })}\n`
}

test('when ssh is killed, the command says so and ends with status 4, and no engine is left there', async () => {
  const watching = host.start('watch', '--json', '--host', 'web7')
  await watching.firstOutput
  expect(await host.engines()).not.toEqual([])
  execFileSync('pkill', ['-KILL', '-P', String(watching.pid), 'ssh'])
  const { status, messages } = await watching.ended
  expect({ status, messages }).toEqual({
    status: 4,
    messages: lost('the other end closed it'),
  })
  await eventually('no engine is left', async () => (await host.engines()).length === 0)
})

test('when the link is cut, both ends end by themselves', async () => {
  const watching = host.start('watch', '--json', '--host', 'web7')
  await watching.firstOutput
  await host.cut()
  try {
    const { status, messages } = await watching.ended
    expect(status).toBe(4)
    expect(messages).toBe(lost('it was silent for 20 s'))
    await eventually('no engine is left', async () => (await host.engines()).length === 0)
  } finally {
    await host.mend()
  }
})

test('Ctrl+C ends a recording of another host in order', async () => {
  const file = join(host.folder, 'interrupted.ndjson')
  const recording = host.start('record', file, '--host', 'web7', '--interval', '100ms')
  await eventually('an engine is there', async () => (await host.engines()).length > 0)
  const group = execFileSync('ps', ['-o', 'pid=', '--ppid', String(recording.pid)], { encoding: 'utf8' })
  await eventually(
    'it has written',
    () => execFileSync('sh', ['-c', `cat "$0" "$0"* 2>/dev/null | wc -c`, file], { encoding: 'utf8' }).trim() !== '0',
  )
  // As a terminal does: to every process of the foreground group.
  for (const pid of [String(recording.pid), ...group.trim().split(/\s+/)]) process.kill(Number(pid), 'SIGINT')
  const { status, messages } = await recording.ended
  expect(status).toBe(0)
  expect(messages).toMatch(/recorded/)
  await eventually('no engine is left', async () => (await host.engines()).length === 0)
})
