/** The limits of the lab program: its own namespace, what it refuses, and who may control it. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { loadAddon } from '../../native/index.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { addonPath } from './support/engine.ts'
import { childrenOf, socketsOf, startLabProgram } from './support/lab-program.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)
const { connectAbstract } = loadAddon(addonPath)

describe('its own namespace', () => {
  test.for([
    [0, 'resets'],
    [1, 'done'],
  ] as const)('tcp_migrate_req is %i only there: a closed member leaves %s', async ([migrate, outcome], context) => {
    needsRoot(context)
    const host = readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8')
    await using lab = startLabProgram()
    const status = await lab.listen(
      `protocol=tcp address=127.0.0.1 listeners=2 backlog=1000 namespace=own migrate_req=${migrate}`,
    )
    expect(status.ownNamespace).toBe(true)
    expect(readlinkSync('/proc/self/ns/net')).not.toBe(`net:[${status.netns}]`)
    for (const pid of [status.supervisor, ...status.pids])
      expect(readlinkSync(`/proc/${pid}/ns/net`)).toBe(`net:[${status.netns}]`)
    const { stdout } = await run('nsenter', [
      '-t',
      String(status.supervisor),
      '-n',
      'cat',
      '/proc/sys/net/ipv4/tcp_migrate_req',
    ])
    expect(Number(stdout)).toBe(migrate)
    expect(readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8')).toBe(host)

    await lab.ask('stall member=0')
    // At a rate: without one, a thread starts no more where all that it has in flight wait at the stalled member.
    await lab.ask('traffic count=200 rate=2000 timeout_ms=60000')
    const waiting = await eventually('the other has answered its own, the rest is queued', async () => {
      const { traffic } = await lab.status()
      const stalled = (await socketsOf(status)).find(({ cookie }) => cookie === status.members[0]?.cookie)
      const waiting = stalled?.receiveQueue ?? 0
      return traffic?.sent === 200 && traffic.done + waiting === 200 && waiting > 50 ? waiting : null
    })
    await lab.ask('close member=0')
    const { traffic } = await eventually('it ended', async () => {
      const now = await lab.status()
      return now.traffic?.endedAt ? now : null
    })
    expect(traffic).toMatchObject(
      outcome === 'resets' ? { done: 200 - waiting, resets: waiting } : { done: 200, resets: 0 },
    )
  })

  test('is available without root, if the machine allows user namespaces', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'])
    const answer = await lab.ask('listen protocol=tcp address=127.0.0.1 namespace=own migrate_req=1')
    if (answer.error?.call === 'unshare') context.skip('this machine allows no user namespaces')
    const { supervisor, netns, members } = await lab.status()
    expect(readlinkSync(`/proc/${supervisor}/ns/net`)).toBe(`net:[${netns}]`)
    expect(readlinkSync('/proc/self/ns/net')).not.toBe(`net:[${netns}]`)
    const sysctl = await run('nsenter', ['-t', String(supervisor), '-n', 'cat', '/proc/sys/net/ipv4/tcp_migrate_req'])
    expect(sysctl.stdout).toBe('1\n')
    expect(members[0]?.uid).toBe(65534)
    expect((await lab.traffic('count=100')).traffic.done).toBe(100)
  })

  test('vanishes with the lab', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram()
    const { netns, supervisor } = await lab.listen('protocol=tcp address=127.0.0.1 namespace=own')
    process.kill(supervisor, 'SIGKILL')
    expect(await lab.ended).toBe('SIGKILL')
    await eventually('no process is in it', () => !namespacesInUse().has(`net:[${netns}]`))
  })
})

describe('refusals', () => {
  test('leave nothing behind, and the lab accepts further requests', async () => {
    await using maker = await startSocketMaker()
    const [taken] = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
    await using lab = startLabProgram()
    const refusals: [string, object][] = [
      [`address=127.0.0.1 port=${taken?.port}`, { call: 'bind', name: 'EADDRINUSE', at: 'member 1' }],
      ['address=192.0.2.1', { call: 'bind', name: 'EADDRNOTAVAIL' }],
      ['address=localhost', { call: 'listen', name: 'EINVAL', at: 'address' }],
      ['address=127.0.0.1 device=nonesuch0', { call: 'setsockopt SO_BINDTODEVICE', name: 'ENODEV' }],
      ['address=127.0.0.1 reuseport=0 listeners=2 processes=2', { call: 'bind', name: 'EADDRINUSE', at: 'member 2' }],
      ['address=127.0.0.1 listeners=4096 processes=1 seconds=0', { call: 'listen', name: 'EINVAL', at: 'seconds' }],
    ]
    for (const [request, refusal] of refusals) {
      expect(await lab.refusal(`listen protocol=tcp ${request}`)).toMatchObject(refusal)
      expect(childrenOf(Number(lab.child.pid))).toEqual([])
    }
    expect(await lab.refusal('status')).toMatchObject({ call: 'status', name: 'ENOTCONN' })
    expect((await lab.listen('protocol=tcp address=127.0.0.1')).members).toHaveLength(4)
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1')).toMatchObject({ name: 'EALREADY' })
  })

  test('without root: a privileged port, and another user', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'])
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1 port=80')).toMatchObject({
      call: 'bind',
      name: 'EACCES',
    })
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1 uid=0')).toMatchObject({
      name: 'EPERM',
      at: 'uid 0',
    })
    const status = await lab.listen('protocol=tcp address=127.0.0.1')
    expect(status.members[0]?.uid).toBe(65534)
    expect((await lab.traffic('count=100')).traffic.done).toBe(100)
  })

  test('more listeners than descriptors', async () => {
    await using lab = startLabProgram(['prlimit', '--nofile=200:200'])
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1 listeners=100')).toMatchObject({ name: 'EMFILE' })
    await lab.listen('protocol=tcp address=127.0.0.1 listeners=100 processes=4')
    expect(await lab.refusal('traffic exchange=hold count=1000')).toMatchObject({ name: 'EMFILE' })
  })

  test('traffic never goes to a foreign socket', async () => {
    await using lab = startLabProgram()
    const { port } = await lab.listen('protocol=udp address=0.0.0.0')
    await using maker = await startSocketMaker()
    const [closer] = await maker.open({ protocol: 'udp', address: '127.0.0.1', port, options: ['reuseport'] })
    expect(await lab.refusal('traffic')).toMatchObject({
      call: 'kernel-lookup',
      name: 'EADDRINUSE',
      at: `cookie ${closer?.cookie}`,
    })
    if (closer) await maker.close(closer)
    expect((await lab.traffic('count=100')).traffic.done).toBe(100)
    for (const member of [0, 1, 2, 3]) await lab.ask(`close member=${member}`)
    expect(await lab.refusal('traffic')).toMatchObject({ call: 'kernel-lookup', name: 'ECONNREFUSED' })
  })
})

describe('the control socket', () => {
  test('accepts the same requests from the same user', async () => {
    await using lab = startLabProgram()
    const { port } = await lab.listen('protocol=tcp address=127.0.0.1')
    const uid = process.getuid?.() ?? 0
    const socket = new Socket({ fd: connectAbstract(`reuseport-inspector/lab/${uid}/${lab.id}`, uid) ?? -1 })
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    socket.write('status\nnonsense\n')
    expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ id: lab.id, port })
    expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ error: { name: 'EINVAL' } })
    socket.write('stop\n')
    expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ port })
    expect(await lab.ended).toBe(0)
    socket.destroy()
  })

  test('turns another user away', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1')
    const ask = `import socket
s = socket.socket(socket.AF_UNIX)
s.connect("\\0reuseport-inspector/lab/0/${lab.id}")
try:
    s.sendall(b"stop\\n")
    print(s.recv(100))
except OSError:
    print(b"")`
    const { stdout } = await run('setpriv', ['--reuid', '65534', '--clear-groups', '/usr/bin/python3', '-c', ask])
    expect(stdout.trim()).toBe("b''")
    expect((await lab.status()).members).toHaveLength(4)
  })
})

function namespacesInUse(): Set<string> {
  const used = new Set<string>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      used.add(readlinkSync(`/proc/${pid}/ns/net`))
    } catch {
      // It ended, or is not readable.
    }
  }
  return used
}
