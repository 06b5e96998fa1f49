/** Reloads of real servers under load: losses are also counted at the clients. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Group } from '../../electron/contract/model.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { type FindingsFollower, followFindings } from './support/findings.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { needsProgram, type Program, startProgram } from './support/program.ts'
import { type SocketMaker, startSocketMaker } from './support/socket-maker.ts'

const PORT = 8090

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine({ intervalMs: 100 })
})
afterAll(() => engine.close())
beforeEach(needsRoot)

/** HAProxy that accepts two connections and leaves the others in its accept queues. */
const haproxyConfiguration = () => `
global
  nbthread 4
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

function startHaproxy(namespace: TestNamespace, sockets: number, ...args: string[]): Promise<Program> {
  return startProgram({
    name: 'haproxy',
    netns: namespace,
    configuration: haproxyConfiguration,
    args: (_, file) => ['-db', '-f', file, ...args],
    sockets,
  })
}

async function groupOf(namespace: TestNamespace, port: number): Promise<Group | undefined> {
  return (await engine.client.snapshot({ selection: { netns: namespace.name, port, all: true } })).groups[0]
}

/**
 * Waits for a critical finding about this many closed members, and until `agree` holds for the lost connections as
 * reported and as counted by the clients. Listeners close one after another, so the first finding may cover only some.
 */
async function lossIsTold(
  findings: FindingsFollower,
  clients: SocketMaker,
  members: number,
  agree: (told: number, lost: number) => boolean,
): Promise<void> {
  let lost = 0
  await findings.until(
    `the loss of ${members} members is reported, and agrees with the clients`,
    (rows) =>
      rows.some(
        ({ code, severity, key, evidence, ...finding }) =>
          code === 'reload-lost-connections' &&
          severity === 'critical' &&
          key.port === PORT &&
          finding.members.length === members &&
          agree(evidence[0]?.value ?? 0, lost),
      ),
    async () => {
      lost = await clients.broken()
    },
  )
}

test('HAProxy without passing its sockets on: the queued connections are lost', async (context) => {
  needsProgram(context, 'haproxy')
  await using namespace = await makeNamespace()
  await using old = await startHaproxy(namespace, 4)
  await using clients = await startSocketMaker({ netns: namespace.name })
  const findings = followFindings(engine.client, namespace.inode)
  await clients.fill({ protocol: 'tcp', address: '127.0.0.1', port: PORT, count: 60 })
  await eventually('the connections that it does not accept are queued', async () => {
    const length = (await groupOf(namespace, PORT))?.queue.length ?? 0
    return length >= 50
  })
  await findings.after(3, PORT)
  await using young = await startHaproxy(namespace, 4, '-sf', String(old.pid))
  // One that was accepted between the last refresh and the close, or when a slot became free, is not lost.
  await lossIsTold(findings, clients, 4, (told, lost) => lost >= 46 && Math.abs(told - lost) <= 4)
  expect((await groupOf(namespace, PORT))?.members.every(({ holders }) => holders?.[0]?.pid === young.pid)).toBe(true)
})

test('two parallel HAProxy processes are two generations, until the old one ends', async (context) => {
  needsProgram(context, 'haproxy')
  await using namespace = await makeNamespace()
  await using old = await startHaproxy(namespace, 4)
  const findings = followFindings(engine.client, namespace.inode)
  const begun = performance.now()
  while (performance.now() - begun < 1500) await findings.after(1, PORT)
  // With a different configuration it would be another instance, and a peer.
  await using young = await startProgram({
    name: 'haproxy',
    netns: namespace,
    configuration: haproxyConfiguration,
    args: () => ['-db', '-f', join(old.directory, 'conf')],
    sockets: 8,
  })
  const row = await findings.raised('mixed-generations', PORT)
  expect(row.summary).toContain('haproxy')
  expect(row.members).toHaveLength(4)
  // A soft stop: the listeners close, and their connections continue.
  old.signal('SIGUSR1')
  await findings.cleared('mixed-generations', PORT)
  const group = await groupOf(namespace, PORT)
  expect(group?.members.map(({ holders }) => holders?.[0]?.pid)).toEqual(Array(4).fill(young.pid))
})

test('nginx reloaded to fewer workers closes the others, and their queued connections are lost', async (context) => {
  needsProgram(context, 'nginx')
  await using namespace = await makeNamespace()
  const configuration = (directory: string, workers: number) => `
    daemon off; pid ${directory}/pid; error_log stderr; worker_processes ${workers};
    events { worker_connections 256; use epoll; }
    http {
      access_log off;
      client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fast;
      uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
      server { listen 127.0.0.1:${PORT} reuseport; return 204; }
    }`
  await using nginx = await startProgram({
    name: 'nginx',
    netns: namespace,
    configuration: (directory) => configuration(directory, 4),
    args: (directory, file) => ['-p', directory, '-c', file],
    sockets: 4,
  })
  const workers = await eventually('four workers run', () => {
    const children = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').trim().split(' ').map(Number)
    return children.length === 4 ? children : null
  })
  await using clients = await startSocketMaker({ netns: namespace.name })
  const findings = followFindings(engine.client, namespace.inode)
  // Stopped workers accept nothing, like overloaded ones.
  for (const pid of workers) process.kill(pid, 'SIGSTOP')
  await clients.fill({ protocol: 'tcp', address: '127.0.0.1', port: PORT, count: 80 })
  await eventually('they are queued', async () => (await groupOf(namespace, PORT))?.queue.length === 80)
  await findings.after(3, PORT)
  nginx.configure(configuration(nginx.directory, 2))
  nginx.signal('SIGHUP')
  const before = new Set(workers)
  await eventually('two new workers run', () => {
    const children = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').trim().split(' ').map(Number)
    return children.filter((pid) => !before.has(pid)).length === 2
  })
  // Only the old workers still hold those sockets: killing them resets the queued connections.
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  await lossIsTold(findings, clients, 2, (told, lost) => lost > 0 && told === lost)
})
