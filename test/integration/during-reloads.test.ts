/** `during` with reloads as the field does them: what it reports is what the clients saw. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { DuringDocument } from '../../electron/fronts/cli/documents.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { needsProgram, type Program, startProgram } from './support/program.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const PORT = 7330

beforeEach(needsRoot)

/** The status and report of `during` while a shell script runs in the namespace. */
function during(namespace: TestNamespace, script: string) {
  const where = ['--netns', namespace.name, '--calm', '1s', '--json']
  const command = ['nsenter', `--net=${namespace.path}`, 'sh', '-c', script]
  const env = { ...process.env, LANG: 'C.UTF-8', PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  return new Promise<{ status: number | null; messages: string; report: ReturnType<typeof DuringDocument.parse> }>(
    (resolve, reject) => {
      const child = execFile(
        process.execPath,
        [`${root}dist/node/cli.cjs`, 'during', ...where, '--', ...command],
        { env },
        (_, out, messages) => {
          try {
            const { schema: _schema, ...document } = JSON.parse(out)
            resolve({ status: child.exitCode, messages, report: DuringDocument.parse(document) })
          } catch (error) {
            reject(new Error(`during printed ${out} ${messages}`, { cause: error }))
          }
        },
      )
    },
  )
}

/** HAProxy that accepts two connections and leaves the others in its accept queues. */
const haproxyConfiguration = (directory: string) => `
global
  nbthread 2
  stats socket ${directory}/control level admin expose-fd listeners
defaults
  mode http
  timeout connect 60s
  timeout client 60s
  timeout server 60s
  timeout http-request 60s
frontend shards
  maxconn 2
  bind 127.0.0.1:${PORT} shards by-thread backlog 200
  http-request return status 204
`

/**
 * What reloads it: a new process, which tells the old one to stop, and goes to the background. Returns when the old one
 * does not listen any more.
 */
function reloadHaproxy({ directory, pid }: Program, ...options: string[]): string {
  const reload = `haproxy -D -f ${directory}/conf -p ${directory}/young ${options.join(' ')} -sf ${pid}`
  return `${reload} && while ss -Htlnp | grep -q 'pid=${pid},'; do sleep 0.05; done`
}

async function whileHaproxyReloads(...options: ((directory: string) => string)[]) {
  await using namespace = await makeNamespace()
  await using old = await startProgram({
    name: 'haproxy',
    netns: namespace,
    configuration: haproxyConfiguration,
    args: (_, file) => ['-db', '-f', file],
    sockets: 2,
  })
  await using clients = await startSocketMaker({ netns: namespace.name })
  await clients.fill({ protocol: 'tcp', address: '127.0.0.1', port: PORT, count: 40 })
  try {
    const result = await during(namespace, reloadHaproxy(old, ...options.map((option) => option(old.directory))))
    return { ...result, broken: await clients.broken() }
  } finally {
    process.kill(Number(readFileSync(join(old.directory, 'young'), 'utf8')), 'SIGKILL')
  }
}

test('HAProxy without -x: the queued connections are lost', async (context) => {
  needsProgram(context, 'haproxy')
  const { status, report, broken } = await whileHaproxyReloads()
  expect(broken).toBeGreaterThanOrEqual(30)
  // At least these: one may be queued after the last reading, or be accepted before the listener closes.
  expect(Math.abs((report.connectionsLost ?? 0) - broken)).toBeLessThanOrEqual(4)
  expect(status).toBe(1)
  expect(report.groups).toMatchObject([{ key: { port: PORT }, members: { before: 2, after: 2 }, joined: 2, left: 2 }])
})

test('HAProxy with -x: its sockets are passed on, and nothing is lost', async (context) => {
  needsProgram(context, 'haproxy')
  const { status, report, broken } = await whileHaproxyReloads((directory) => `-x ${directory}/control`)
  expect(broken).toBe(0)
  expect([report.connectionsLost, status]).toEqual([0, 0])
  expect(report.groups).toMatchObject([{ key: { port: PORT }, joined: 0, left: 0, processes: { new: 1, gone: 1 } }])
})

/** As systemd with a socket unit: the listener is its own, and a service has it as descriptor 3. */
const supervisor = () => `
import os, signal, socket, subprocess
listener = socket.socket()
listener.bind(('127.0.0.1', ${PORT}))
listener.listen(100)
number = listener.detach()
if number != 3:
    os.dup2(number, 3)
    os.close(number)
os.set_inheritable(3, True)
service = None
def start(*_):
    global service
    if service:
        service.terminate()
        service.wait()
    service = subprocess.Popen(['sleep', '600'], pass_fds=[3], env={'LISTEN_FDS': '1', 'PATH': os.environ['PATH']})
signal.signal(signal.SIGHUP, start)
signal.signal(signal.SIGTERM, lambda *_: (service.kill(), os._exit(0)))
start()
while True:
    signal.pause()
`

test('a service behind a socket unit restarts, and what waits in the queue goes on waiting', async () => {
  await using namespace = await makeNamespace()
  await using parent = await startProgram({
    name: 'python3',
    netns: namespace,
    configuration: supervisor,
    args: (_, file) => [file],
    sockets: 1,
  })
  await using clients = await startSocketMaker({ netns: namespace.name })
  await clients.fill({ protocol: 'tcp', address: '127.0.0.1', port: PORT, count: 20 })
  const { status, report } = await during(namespace, `kill -HUP ${parent.pid}`)
  expect(await clients.broken()).toBe(0)
  expect([report.connectionsLost, status]).toEqual([0, 0])
  expect([report.watched, report.groups.filter(({ left, joined }) => left + joined > 0)]).toEqual([1, []])
})

test('unbound reloads with its sockets', async (context) => {
  needsProgram(context, 'unbound')
  await using namespace = await makeNamespace()
  await using unbound = await startProgram({
    name: 'unbound',
    netns: namespace,
    configuration: (directory) => `
server:
  directory: "${directory}"
  pidfile: "${directory}/pid"
  chroot: ""
  username: ""
  use-syslog: no
  logfile: "${directory}/log"
  verbosity: 1
  do-daemonize: no
  num-threads: 2
  so-reuseport: yes
  do-tcp: no
  interface: 127.0.0.1@${PORT}
  outgoing-range: 16
  num-queries-per-thread: 8
remote-control:
  control-enable: no
`,
    args: (_, file) => ['-d', '-p', '-c', file],
    sockets: 2,
  })
  const { status, report } = await during(namespace, `kill -HUP ${unbound.pid}`)
  await eventually('it has started again', () => {
    const log = readFileSync(join(unbound.directory, 'log'), 'utf8')
    return log.split('start of service').length === 3
  })
  expect([status, report.watched, report.dropped]).toEqual([0, 1, 0])
  expect(report.groups).toEqual([])
})
