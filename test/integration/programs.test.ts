/** nginx, HAProxy and Unbound: the groups, members, owners and pollers match their configuration. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Group } from '../../electron/contract/model.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { needsProgram, startProgram } from './support/program.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())
beforeEach(needsRoot)

/** Groups by "protocol address:port". */
async function groupsOf(namespace: TestNamespace): Promise<Map<string, Group>> {
  const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name, all: true } })
  return new Map(snapshot.groups.map((group) => [`${group.protocol} ${group.address}:${group.port}`, group]))
}

/** Children of `pid`. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

const nginxConfiguration = (directory: string, workers: number) => `
  daemon off; user www-data; pid ${directory}/pid; error_log stderr; worker_processes ${workers};
  events { worker_connections 64; use epoll; }
  http {
    access_log off;
    client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fast;
    uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
    server { listen 127.0.0.1:8080 reuseport backlog=77; listen [::1]:8080 reuseport; return 204; }
    server { listen 127.0.0.1:8081; return 204; }
  }`

test('nginx: a member per worker, held by all, polled by one; a normal listener is inherited', async (context) => {
  needsProgram(context, 'nginx')
  await using namespace = await makeNamespace()
  await using nginx = await startProgram({
    name: 'nginx',
    netns: namespace,
    configuration: (directory) => nginxConfiguration(directory, 4),
    args: (directory, file) => ['-p', directory, '-c', file],
    sockets: 9,
  })
  await eventually('four workers run', () => childrenOf(nginx.pid).length === 4)
  const workers = childrenOf(nginx.pid).sort((a, b) => a - b)
  // A worker adds its sockets to its epoll set some time after the fork.
  const groups = await eventually('every worker polls', async () => {
    const found = await groupsOf(namespace)
    const pollers = [...found.values()].flatMap((group) => group.members.flatMap((member) => member.pollers ?? []))
    return pollers.length >= 4 + 4 + 4 ? found : null
  })
  expect([...groups.keys()].sort()).toEqual(['tcp 127.0.0.1:8080', 'tcp 127.0.0.1:8081', 'tcp ::1:8080'])

  for (const [name, limit] of [
    ['tcp 127.0.0.1:8080', 77],
    ['tcp ::1:8080', 511],
  ] as const) {
    const group = groups.get(name)
    expect(group).toMatchObject({ sharing: 'reuseport', evidence: 'co-listening', uid: 0 })
    expect(group?.members).toHaveLength(4)
    for (const member of group?.members ?? []) {
      expect(member.queue).toEqual({ length: 0, limit, unit: 'connections' })
      expect(member.holders?.map(({ pid, command }) => [pid, command])).toEqual(
        [nginx.pid, ...workers].sort((a, b) => a - b).map((pid) => [pid, 'nginx']),
      )
      expect(member.pollers).toHaveLength(1)
    }
    expect(group?.members.flatMap((member) => member.pollers ?? []).sort((a, b) => a - b)).toEqual(workers)
  }
  const plain = groups.get('tcp 127.0.0.1:8081')
  expect(plain).toMatchObject({ sharing: 'inherited', uid: 0 })
  expect(plain?.members).toHaveLength(1)
  expect(plain?.members[0]?.holders).toHaveLength(5)
  expect(plain?.members[0]?.pollers?.toSorted((a, b) => a - b)).toEqual(workers)

  // A reload with fewer workers: the sockets of removed workers are closed, the others stay the same.
  const before = new Set(groups.get('tcp 127.0.0.1:8080')?.members.map((member) => member.cookie))
  nginx.configure(nginxConfiguration(nginx.directory, 2))
  nginx.signal('SIGHUP')
  const after = await eventually('two members are left', async () => {
    const members = (await groupsOf(namespace)).get('tcp 127.0.0.1:8080')?.members
    return members?.length === 2 ? members : null
  })
  for (const member of after) expect(before.has(member.cookie)).toBe(true)
})

test('HAProxy: a member per bind and shard, one process', async (context) => {
  needsProgram(context, 'haproxy')
  await using namespace = await makeNamespace()
  await using haproxy = await startProgram({
    name: 'haproxy',
    netns: namespace,
    configuration: () => `
global
  nbthread 4
  maxconn 100
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend shards
  bind 127.0.0.1:8090 shards by-thread backlog 60
  bind 127.0.0.1:8091 shards 2
  http-request return status 204
frontend twice
  bind 127.0.0.1:8092 thread 1-2
  bind 127.0.0.1:8092 thread 3-4
  bind :::8093 v6only
  http-request return status 204
`,
    args: (_, file) => ['-db', '-f', file],
    sockets: 4 + 2 + 2 + 1,
  })
  const groups = await eventually('it polls its sockets', async () => {
    const found = await groupsOf(namespace)
    return [...found.values()].every((group) => group.members.every((member) => member.pollers?.length === 1))
      ? found
      : null
  })
  expect([...groups].map(([name, group]) => `${name} ${group.members.length} ${group.sharing}`).sort()).toEqual([
    'tcp 127.0.0.1:8090 4 reuseport',
    'tcp 127.0.0.1:8091 2 reuseport',
    'tcp 127.0.0.1:8092 2 reuseport',
    'tcp :::8093 1 reuseport',
  ])
  expect(groups.get('tcp :::8093')).toMatchObject({ v6only: true, evidence: 'socket-option' })
  for (const group of groups.values()) {
    for (const member of group.members) {
      expect(member.holders?.map(({ pid, command }) => [pid, command])).toEqual([[haproxy.pid, 'haproxy']])
      expect(member.pollers).toEqual([haproxy.pid])
    }
  }
  expect(groups.get('tcp 127.0.0.1:8090')?.members.map((member) => member.queue.limit)).toEqual([60, 60, 60, 60])
})

test('Unbound with so-reuseport: a member per thread, for UDP and for TCP', async (context) => {
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
  do-daemonize: no
  num-threads: 3
  so-reuseport: yes
  interface: 127.0.0.1@5300
  interface: ::1@5300
  outgoing-range: 16
  num-queries-per-thread: 8
remote-control:
  control-enable: no
`,
    args: (_, file) => ['-d', '-p', '-c', file],
    sockets: 12,
  })
  const groups = await eventually('it polls its sockets', async () => {
    const found = await groupsOf(namespace)
    return [...found.values()].every((group) => group.members.every((member) => member.pollers?.length === 1))
      ? found
      : null
  })
  expect([...groups.keys()].sort()).toEqual([
    'tcp 127.0.0.1:5300',
    'tcp ::1:5300',
    'udp 127.0.0.1:5300',
    'udp ::1:5300',
  ])
  for (const group of groups.values()) {
    expect(group).toMatchObject({
      sharing: 'reuseport',
      evidence: group.protocol === 'tcp' ? 'co-listening' : 'socket-option',
    })
    expect(group.members).toHaveLength(3)
    for (const member of group.members) {
      expect(member.holders).toHaveLength(1)
      expect(member.holders?.[0]).toMatchObject({ pid: unbound.pid, command: 'unbound' })
      expect(member.pollers).toEqual([unbound.pid])
    }
  }
})
