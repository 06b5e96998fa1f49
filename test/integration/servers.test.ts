/**
 * Debian's servers in their default setup: which share and which only inherit, which processes poll, and no findings,
 * before and after a reload. nginx, HAProxy and Unbound are in programs.test.ts and reloads.test.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Group, Member } from '../../electron/contract/model.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { type FindingsFollower, followFindings } from './support/findings.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { needsProgram, type Program, startProgram } from './support/program.ts'
import { startSocketMaker } from './support/socket-maker.ts'

/** More refreshes than a rule needs to raise a finding. */
const ENOUGH = 8
const PORT = 8080

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine({ intervalMs: 100 })
})
afterAll(() => engine.close())
beforeEach(needsRoot)

type Expected = {
  protocol?: Group['protocol']
  sharing: Group['sharing']
  members: number
  /** The names of the holders of a member; undefined allows any. */
  command: string
  /** The number of epoll pollers per member; null if they wait in another way, which is not visible. */
  pollers: number | 'some' | null
}

/** Waits until these findings are raised, long enough that any others would be too. Workers may settle first. */
async function notesStand(findings: FindingsFollower, notes: readonly string[] = []) {
  const codes = (rows: readonly { code: string }[]) => rows.map(({ code }) => code)
  await findings.until('its notes are raised', (rows) => notes.every((note) => codes(rows).includes(note)))
  await findings.after(ENOUGH, PORT)
  const rows = await findings.until('its notes are raised', (rows) => notes.every((note) => codes(rows).includes(note)))
  expect(codes(rows)).toEqual(notes)
  return rows
}

/** The group at the port, once it is as expected; fails with what it is instead. */
async function groupOnceItIs(namespace: TestNamespace, port: number, expected: Expected): Promise<Group> {
  let found: Group | undefined
  try {
    return await eventually('the group is as expected', async () => {
      const selection = { netns: namespace.name, port, protocol: expected.protocol ?? ('tcp' as const), all: true }
      const { groups } = await engine.client.snapshot({ selection })
      found = groups[0]
      return groups.length === 1 && found !== undefined && isAsExpected(found, expected) ? found : null
    })
  } catch (error) {
    throw new Error(`The group is ${JSON.stringify(found, null, 1)}`, { cause: error })
  }
}

function isAsExpected(group: Group, { sharing, members, command, pollers }: Expected): boolean {
  const waited = (member: Member) => {
    if (pollers === null || member.pollers === null) return pollers === member.pollers
    return pollers === 'some' ? member.pollers.length > 0 : member.pollers.length === pollers
  }
  const held = ({ holders }: Member) => holders?.some((holder) => holder.command === command) === true
  return (
    group.sharing === sharing &&
    group.members.length === members &&
    group.members.every((one) => waited(one) && held(one))
  )
}

const cookies = (group: Group) => group.members.map(({ cookie }) => cookie)
const holders = (group: Group) => [...new Set(group.members.flatMap((one) => one.holders?.map(({ pid }) => pid) ?? []))]

type Server = {
  program: string
  configuration: (directory: string) => string
  args: (directory: string, file: string) => string[]
  expected: Expected
  /** The number of sockets that it opens, of all protocols. */
  sockets: number
  port?: number
  reload: NodeJS.Signals
  /** Whether new processes serve after the reload. */
  replaces: boolean
  /** It reopens some of its sockets at a reload. */
  reopens?: boolean
  /** The expected informational findings. */
  notes?: string[]
  /** Clients that connect and send nothing, as healthy servers have too. */
  silentClients?: number
}

const apache = (buckets: string) => (directory: string) =>
  `
  ServerRoot ${directory}
  ServerName localhost
  DefaultRuntimeDir ${directory}
  PidFile ${directory}/pid
  ErrorLog ${directory}/log
  User www-data
  Group www-data
  LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
  LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
  ${buckets}
  StartServers ${APACHE_SERVERS}
  ServerLimit 64
  ThreadsPerChild 4
  MaxRequestWorkers 256
  MinSpareThreads ${APACHE_SERVERS}
  MaxSpareThreads 256
  Listen 127.0.0.1:${PORT}
`
/** One per bucket; Apache has no buckets on a single CPU. */
const APACHE_SERVERS = Math.max(2, availableParallelism())

const NODE_CLUSTER = `
  const cluster = require('node:cluster')
  cluster.schedulingPolicy = cluster.SCHED_NONE
  if (cluster.isPrimary) {
    let workers = [cluster.fork(), cluster.fork()]
    process.on('SIGHUP', () => {
      const old = workers
      let missing = old.length
      workers = old.map(() => cluster.fork())
      for (const worker of workers) worker.on('listening', () => --missing === 0 && old.forEach((one) => one.kill()))
    })
    process.on('SIGTERM', () => process.exit())
  } else require('node:http').createServer((request, response) => response.end()).listen(${PORT}, '127.0.0.1')
`

const SERVERS: Record<string, Server> = {
  'apache2: one inherited socket with deferred accept': {
    program: 'apache2',
    configuration: apache(''),
    args: (_, file) => ['-f', file, '-DFOREGROUND'],
    expected: { sharing: 'inherited', members: 1, command: 'apache2', pollers: 'some' },
    sockets: 1,
    reload: 'SIGUSR1',
    replaces: true,
    notes: ['not-a-group'],
    silentClients: 20,
  },
  'apache2 with ListenCoresBucketsRatio: a listener per CPU': {
    program: 'apache2',
    configuration: apache('ListenCoresBucketsRatio 1'),
    args: (_, file) => ['-f', file, '-DFOREGROUND'],
    expected: { sharing: 'reuseport', members: APACHE_SERVERS, command: 'apache2', pollers: 'some' },
    sockets: APACHE_SERVERS,
    reload: 'SIGUSR1',
    replaces: true,
    reopens: true,
    silentClients: 20,
  },
  'knot: a listener per worker, of one process': {
    program: 'knotd',
    configuration: (directory) => `
server:
    rundir: ${directory}
    pidfile: ${directory}/pid
    listen: 127.0.0.1@${PORT}
    tcp-reuseport: on
    tcp-workers: 2
    udp-workers: 2
    background-workers: 1
database:
    storage: ${directory}
log:
  - target: stderr
    any: error
`,
    args: (_, file) => ['-c', file],
    expected: { sharing: 'reuseport', members: 2, command: 'knotd', pollers: 1 },
    sockets: 4,
    reload: 'SIGHUP',
    replaces: false,
    // It sets SO_REUSEADDR on its UDP sockets too.
    notes: ['port-hijackable'],
  },
  'h2o: one socket with deferred accept, held by the process that starts it too': {
    program: 'h2o',
    configuration: (directory) => `
listen:
  host: 127.0.0.1
  port: ${PORT}
user: root
num-threads: 2
pid-file: ${directory}/pid
error-log: ${directory}/log
hosts:
  default:
    paths:
      /:
        file.dir: ${directory}
`,
    args: (_, file) => ['-m', 'master', '-c', file],
    expected: { sharing: 'inherited', members: 1, command: 'h2o', pollers: 1 },
    sockets: 1,
    reload: 'SIGHUP',
    replaces: true,
    silentClients: 20,
  },
  'gunicorn --reuse-port: one inherited socket, on which the option has no effect': {
    program: 'gunicorn',
    configuration: () => '',
    args: (directory) => [
      ...['--reuse-port', '-w', '2', '-b', `127.0.0.1:${PORT}`, '--worker-tmp-dir', directory],
      'wsgiref.simple_server:demo_app',
    ],
    expected: { sharing: 'inherited', members: 1, command: 'gunicorn', pollers: null },
    sockets: 1,
    reload: 'SIGHUP',
    replaces: true,
    notes: ['not-a-group'],
  },
  'node cluster: one inherited socket that the workers poll': {
    program: process.execPath,
    configuration: () => NODE_CLUSTER,
    args: (_, file) => [file],
    expected: { sharing: 'inherited', members: 1, command: 'node', pollers: 2 },
    sockets: 1,
    reload: 'SIGHUP',
    replaces: true,
    notes: ['not-a-group'],
  },
  'memcached: one unshared socket, and its pollers': {
    program: 'memcached',
    configuration: () => '',
    args: () => ['-u', 'nobody', '-l', '127.0.0.1', '-p', String(PORT), '-t', '2'],
    expected: { sharing: 'none', members: 1, command: 'memcached', pollers: 1 },
    sockets: 1,
    reload: 'SIGHUP',
    replaces: false,
  },
  'php-fpm: one inherited socket, on which the workers block': {
    program: 'php-fpm8.2',
    configuration: (directory) => `
[global]
pid = ${directory}/pid
error_log = ${directory}/log
daemonize = no
[www]
user = nobody
group = nogroup
listen = 127.0.0.1:${PORT}
pm = static
pm.max_children = 3
`,
    args: (_, file) => ['-F', '-y', file],
    expected: { sharing: 'inherited', members: 1, command: 'php-fpm8.2', pollers: null },
    sockets: 1,
    reload: 'SIGUSR2',
    replaces: true,
    notes: ['not-a-group'],
  },
}

test.for(Object.entries(SERVERS))('%s', async ([, server], context) => {
  needsProgram(context, server.program)
  await using namespace = await makeNamespace()
  await using running = await startProgram({ ...server, name: server.program, netns: namespace })
  const before = await groupOnceItIs(namespace, PORT, server.expected)
  const findings = followFindings(engine.client, namespace.inode)
  {
    await using clients = await startSocketMaker({ netns: namespace.name })
    const silent = server.silentClients ?? 0
    if (silent > 0) await clients.fill({ protocol: 'tcp', address: '127.0.0.1', port: PORT, count: silent })
    await notesStand(findings, server.notes)
  }
  // With TCP_DEFER_ACCEPT, Apache's, a silent client is queued only as it closes; a reload would truly lose it.
  await eventually('the server accepted all of them', async () => {
    const { groups } = await engine.client.snapshot({ selection: { netns: namespace.name, port: PORT, all: true } })
    return groups.every(({ members }) => members.every(({ queue }) => queue.length === 0))
  })
  await findings.after(2, PORT)

  running.signal(server.reload)
  if (server.replaces) {
    const old = holders(before).filter((pid) => pid !== running.pid)
    await eventually('new processes serve, and the old ones do not', async () => {
      const { groups } = await engine.client.snapshot({ selection: { netns: namespace.name, port: PORT, all: true } })
      const now = groups.flatMap(holders).filter((pid) => pid !== running.pid)
      return now.length > 0 && !now.some((pid) => old.includes(pid))
    })
  }
  const after = await groupOnceItIs(namespace, PORT, server.expected)
  if (server.reopens !== true) expect(cookies(after)).toEqual(cookies(before))
  for (const { code, advice } of await notesStand(findings, server.notes)) {
    // Advice is for the actual program, or absent.
    expect(advice, code).not.toMatch(/nginx|haproxy/i)
  }
})

test('two PgBouncers with so_reuseport are peers, however much earlier one started', async (context) => {
  needsProgram(context, 'pgbouncer')
  await using namespace = await makeNamespace()
  const start = (sockets: number): Promise<Program> =>
    startProgram({
      name: 'pgbouncer',
      netns: namespace,
      configuration: (directory) => {
        writeFileSync(join(directory, 'users'), '')
        return `
[databases]
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${PORT}
unix_socket_dir =
auth_type = trust
auth_file = ${directory}/users
so_reuseport = 1
user = nobody
`
      },
      args: (_, file) => [file],
      sockets,
    })
  await using first = await start(1)
  const findings = followFindings(engine.client, namespace.inode)
  const begun = performance.now()
  while (performance.now() - begun < 1500) await findings.after(1, PORT)
  await using second = await start(2)
  const expected: Expected = { sharing: 'reuseport', members: 2, command: 'pgbouncer', pollers: 1 }
  const group = await groupOnceItIs(namespace, PORT, expected)
  expect(holders(group).sort()).toEqual([first.pid, second.pid].sort())
  expect(await findings.after(ENOUGH, PORT)).toEqual([])
  second.signal('SIGHUP')
  expect(await findings.after(ENOUGH, PORT)).toEqual([])
  expect(cookies(await groupOnceItIs(namespace, PORT, expected))).toEqual(cookies(group))
})

test('h2o with an old worker that outlives a reload is not a server with several processes', async (context) => {
  needsProgram(context, 'h2o')
  await using namespace = await makeNamespace()
  await using starter = await startProgram({
    name: '/usr/share/h2o/start_server',
    netns: namespace,
    configuration: (directory) => `
listen:
  host: 127.0.0.1
  port: ${PORT}
user: root
num-threads: 2
hosts:
  default:
    paths:
      /:
        file.dir: ${directory}
`,
    args: (directory, file) => [
      ...[`--port=127.0.0.1:${PORT}`, '--kill-old-delay=600', `--status-file=${directory}/status`],
      ...['--', 'h2o', '-m', 'worker', '-c', file],
    ],
    sockets: 1,
  })
  const expected: Expected = { sharing: 'inherited', members: 1, command: 'h2o', pollers: 1 }
  const before = await groupOnceItIs(namespace, PORT, expected)
  expect(before.members[0]?.holders?.map(({ command }) => command).sort()).toEqual(['h2o', 'start_server'])
  const findings = followFindings(engine.client, namespace.inode)
  starter.signal('SIGHUP')
  const during = await groupOnceItIs(namespace, PORT, { ...expected, pollers: 2 })
  expect(cookies(during)).toEqual(cookies(before))
  expect(await findings.after(ENOUGH, PORT)).toEqual([])
  // It checks for a request to end only before it starts to wait for the delay, and when that wait is interrupted.
  const status = () => readFileSync(join(starter.directory, 'status'), 'utf8')
  await eventually('both are recorded', () => status().trim().split('\n').length === 2)
})
