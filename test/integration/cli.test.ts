/** The built terminal front, against real sockets. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Group, Snapshot } from '../../electron/contract/model.ts'
import { cli, type Ended, plain, program } from './support/cli.ts'
import { needsRoot } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { type Job, startJob } from './support/job.ts'
import { makeNamespace } from './support/namespace.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)

const listener: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog: 7 }

beforeEach(needsRoot)

test.each([
  ['groups'],
  ['groups', '--json'],
  ['watch', '--json', '--count', '2'],
  ['export', 'now', '--format', 'csv'],
])('a full disk behind standard output is one sentence: %s', async (...args) => {
  const command = `"$0" "$@" > /dev/full`
  const full = run('sh', ['-c', command, process.execPath, program, ...args], { env: plain })
  await expect(full).rejects.toMatchObject({
    code: 3,
    stderr: 'reuseport-inspector: cannot write to standard output: the disk is full (ENOSPC).\n',
  })
})

test('groups, sockets and show list the test sockets, as JSON and as tables', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const made = await maker.openTogether({ ...listener, count: 3 })
  const lone = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  const port = made[0]?.port ?? 0
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 5 })

  const listed = await cli('groups', '--json', '--netns', namespace.name)
  expect(listed).toMatchObject({ status: 0, messages: '' })
  const snapshot = Snapshot.parse(JSON.parse(listed.out))
  expect(snapshot.groups).toHaveLength(1)
  expect(snapshot.groups[0]).toMatchObject({ port, sharing: 'reuseport', evidence: 'co-listening' })
  const cookies = (group: Group | undefined) => group?.members.map((member) => member.cookie).sort()
  expect(cookies(snapshot.groups[0])).toEqual(made.map((one) => one.cookie).sort())
  expect(snapshot.groups[0]?.queue).toEqual({ length: 5, limit: 21, unit: 'connections' })

  const all = Snapshot.parse(JSON.parse((await cli('sockets', '--json', '--netns', namespace.name)).out))
  const everything = all.groups.flatMap((group) => group.members.map((member) => member.cookie))
  expect(everything).toEqual(expect.arrayContaining([...made, ...lone].map((one) => one.cookie)))

  const shown = await cli('show', `127.0.0.1:${port}`, '--netns', namespace.name, '--json')
  expect(cookies(Snapshot.parse(JSON.parse(shown.out)).groups[0])).toEqual(cookies(snapshot.groups[0]))
  const id = snapshot.groups[0]?.id ?? ''
  expect((await cli('show', id.slice(0, 8), '--json')).status).toBe(0)

  const table = (await cli('groups', '--netns', namespace.name)).out
  expect(table).toMatch(
    new RegExp(`^tcp4 +127\\.0\\.0\\.1:${port} +\\S+ +- +3 +0 +maker:1 +root +reuseport +co-listening`, 'm'),
  )
  const page = (await cli('show', id)).out
  for (const { cookie, fd, pid } of made)
    expect(page).toMatch(new RegExp(`^ *\\d+ +${cookie} +(\\d+ +)?maker ${pid} fd ${fd} `, 'm'))
})

test('several groups on one port are listed with commands that work', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether(
    { ...listener, count: 2 },
    { ...listener, family: 6, address: '::1', v6only: true, count: 2 },
  )
  const port = made[0]?.port ?? 0
  const asked = await cli('show', `:${port}`, '--netns', namespace.name)
  expect(asked).toMatchObject({ status: 2, out: '' })
  const typed = [...asked.messages.matchAll(/^ {2}show (\S+)/gm)].map((match) => match[1] ?? '')
  expect(typed).toHaveLength(2)
  for (const text of typed) {
    expect((await cli('show', text, '--json', '--netns', namespace.name)).status).toBe(0)
  }
  expect(await cli('show', `tcp6:${port}`, '--netns', namespace.name, '--json')).toMatchObject({ status: 0 })
})

test('a missing group, namespace or user is one sentence on standard error', async () => {
  const gone = await cli('groups', '--netns', 'no-such-namespace')
  expect(gone).toMatchObject({ status: 3, out: '' })
  expect(gone.messages).toMatch(/^reuseport-inspector: .*no-such-namespace.*\.\n$/)
  const unnamed = await cli('groups', '--user', 'no-such-user')
  expect(unnamed).toMatchObject({ status: 3, out: '' })
  expect(unnamed.messages).toMatch(/^reuseport-inspector: .*"no-such-user".*\/etc\/passwd.*uid.*\.\n$/)
  expect(await cli('groups', '--user', '4294967294')).toMatchObject({ status: 0 })
  const nobody = await cli('show', '0123456789abcdef')
  expect(nobody).toMatchObject({ status: 3, out: '' })
  expect(nobody.messages).toMatch(/^reuseport-inspector: .*`groups --all`.*\n$/)
  expect(await cli('groups', '--port', '70000')).toMatchObject({ status: 2, out: '' })
})

test('a hostile process name reaches no terminal unescaped', async () => {
  await using namespace = await makeNamespace()
  const command = '\x1b[31m\u009b2J\u202e'
  await using maker = await startSocketMaker({ netns: namespace.name, command })
  await maker.openTogether({ ...listener, count: 2 })
  for (const args of [['groups'], ['sockets'], ['groups', '--json'], ['watch', '--json', '--count', '1']]) {
    const { status, out } = await cli(...args, '--netns', namespace.name)
    expect(status).toBe(0)
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
  }
  const [group] = Snapshot.parse(JSON.parse((await cli('groups', '--json', '--netns', namespace.name)).out)).groups
  expect(group?.members[0]?.holders?.[0]?.command).toBe(command)
})

test('a closed pipe ends the program silently', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  // More than any pipe holds, so that the program writes to the closed pipe.
  await maker.openTogether({ ...listener, count: 2000 })
  for (const args of ['sockets', 'groups --json', 'watch --json --interval 100ms']) {
    const line = `ip netns exec ${namespace.name} "$0" "$1" ${args} | head -n 1 >/dev/null; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = await run('bash', ['-c', line, process.execPath, program], { env: plain })
    expect({ args, stdout, stderr }).toEqual({ args, stdout: '0\n', stderr: '' })
  }
})

test('another user sees the same sockets, and what stays hidden', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const made = await maker.openTogether({ ...listener, count: 2 })
  const asNobody = async (...args: string[]): Promise<Ended> => {
    // Mounted where any user can read it, wherever the clone is; only this process sees the mount.
    const steps = [
      'mount --make-rprivate /',
      'mount -t tmpfs -o mode=755 tmpfs /mnt',
      'mkdir /mnt/repo; touch /mnt/node',
      'mount --bind "$1" /mnt/repo',
      'mount --bind "$2" /mnt/node',
      'shift 2',
      'exec setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/node /mnt/repo/dist/node/cli.cjs "$@"',
    ]
    const inside = ['netns', 'exec', namespace.name, 'unshare', '--mount', '--', 'sh', '-ec', steps.join('\n')]
    return run('ip', [...inside, 'sh', root, process.execPath, ...args], { env: plain, cwd: '/' }).then(
      ({ stdout, stderr }) => ({ status: 0, out: stdout, messages: stderr }),
      ({ code, stdout, stderr }) => ({ status: code, out: stdout, messages: stderr }),
    )
  }
  const { status, out } = await asNobody('groups', '--json')
  expect(status).toBe(0)
  const { groups, host } = Snapshot.parse(JSON.parse(out))
  expect(host.uid).toBe(65534)
  expect(groups[0]?.members.map((member) => member.cookie).sort()).toEqual(made.map((one) => one.cookie).sort())
  expect(groups[0]?.members.map((member) => member.holders)).toEqual([null, null])

  const page = await asNobody('show', `:${made[0]?.port}`)
  expect(page.out).toMatch(/Owners of all its sockets: no process with readable descriptors holds them\. Root,/)
  const doctor = await asNobody('doctor', '--json')
  expect([0, 1]).toContain(doctor.status)
  const { checks } = JSON.parse(doctor.out) as { checks: { state: string; remedy: string | null }[] }
  expect(checks.some((check) => check.state !== 'yes' && check.remedy !== null)).toBe(true)
})

describe('watch restores the terminal', () => {
  const terminal = { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  const enter = '\x1b[?1049h'
  const leave = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l'

  async function watching(action: (job: Job, port: number) => Promise<void>): Promise<void> {
    await using namespace = await makeNamespace()
    await using maker = await startSocketMaker({ netns: namespace.name, command: 'evil\x1b[2J\u009b' })
    const [made] = await maker.openTogether({ ...listener, count: 2 })
    const port = made?.port ?? 0
    // Only this port: other sockets of the machine must not push it off a small screen.
    const watch = [process.execPath, program, 'watch', '--port', String(port)]
    await using job = startJob(['ip', 'netns', 'exec', namespace.name, ...watch], terminal)
    await job.read(String(port))
    await action(job, port)
  }
  async function expectRestored(job: Job): Promise<void> {
    expect(await job.modesAreRestored()).toBe(true)
    const output = await job.output()
    expect(output.endsWith(leave)).toBe(true)
    expect(output.split(enter)).toHaveLength(output.split(leave).length)
    // Only our own escape sequences were written: no title, no clearing by a name, no C1 control.
    const ours = /\x1b\[(?:\?(?:1049|25|7|2026)[hl]|\d+;1H|K|2J|0m|1m|2m|7m|32m|33m|1;31m)/g
    expect(output.replace(ours, '')).not.toMatch(/\p{C}/u)
  }

  test('by q and by Ctrl+C, with status 0', async () => {
    for (const key of ['q', '\x03']) {
      await watching(async (job) => {
        expect(await job.modesAreRestored()).toBe(false)
        await job.type(key)
        expect(await job.wait()).toEqual({ exit: 0 })
        await expectRestored(job)
      })
    }
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('by %s, which then kills it', async (name) => {
    await watching(async (job) => {
      await job.signal(name)
      expect(await job.wait()).toEqual({ signal: name })
      await expectRestored(job)
    })
  })

  test.each(['key', 'signal'])('while it is stopped by a %s, and resumes in the foreground', async (how) => {
    await watching(async (job, port) => {
      if (how === 'key') await job.type('\x1a')
      else await job.signal('SIGTSTP')
      expect(await job.wait()).toEqual({ stopped: 'SIGTSTP' })
      await expectRestored(job)
      await job.read('')
      await job.foreground()
      const again = await job.read(String(port))
      expect(again).toContain(enter)
      await job.type('q')
      expect(await job.wait()).toEqual({ exit: 0 })
      await expectRestored(job)
    })
  })

  test('keys and resizing change the screen', async () => {
    await watching(async (job, port) => {
      await job.type(' ')
      await job.read('paused')
      await job.type(' ')
      await job.read('space pause')
      await job.type('a')
      await job.read('hide unshared')
      await job.type('a')
      await job.read('show unshared')
      await job.type('/port:1\r')
      await job.read('No group matches port:1')
      await job.type('\x1b')
      await job.read(String(port))
      await job.type('\r')
      // Its members come with it, or later.
      if (!(await job.read('y copies its id')).includes('MEMBER')) await job.read('MEMBER')
      await job.type('\x1b')
      await job.read('? keys')
      await job.resize(60, 8)
      expect(await job.read(String(port))).toContain('\x1b[8;1H')
      await job.type('s')
      await job.read('sort: queue')
      await job.type('q')
      expect(await job.wait()).toEqual({ exit: 0 })
      await expectRestored(job)
    })
  })

  test('closing the terminal ends the program by SIGHUP', async () => {
    await watching(async (job) => {
      await job.hangUp()
      expect(await job.wait()).toEqual({ signal: 'SIGHUP' })
    })
  })
})
