/** `check` and `during` of the built terminal front, against real sockets and what their clients saw. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { CheckDocument, DuringDocument } from '../../electron/fronts/cli/documents.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { needsProgram, startProgram } from './support/program.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

const plain = { ...process.env, LANG: 'C.UTF-8', NO_COLOR: '1', FORCE_COLOR: undefined }

function cli(...args: string[]): Promise<{ status: number; out: string; messages: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`${root}dist/node/cli.cjs`, ...args],
      { env: plain },
      (_, out, messages) => resolve({ status: child.exitCode ?? -1, out, messages }),
    )
  })
}

beforeEach(needsRoot)

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-check-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** What is printed is what the published schema says, and no more. */
function expectDocument(model: typeof CheckDocument | typeof DuringDocument, out: string): void {
  const { schema: _, ...document } = JSON.parse(out)
  expect(model.parse(document)).toEqual(document)
}

test('check waits until its assertions hold, and says which do not', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const spec: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', port: 7300, options: ['reuseport'] }
  const [first] = await maker.open(spec)
  const where = ['tcp:127.0.0.1:7300', '--netns', namespace.name]
  const waiting = cli(
    'check',
    ...where,
    '--members',
    '2',
    '--owner',
    'maker',
    '--sharing',
    'reuseport',
    '--wait',
    '120s',
    '--json',
  )
  const failing = await cli('check', ...where, '--members', '2', '--one-group', '--json')
  expect(failing.status).toBe(1)
  expect(JSON.parse(failing.out)).toMatchObject({
    schema: 'reuseport-inspector/check/1',
    state: 'failed',
    checks: [
      {
        assertions: [
          { assertion: 'one-group', state: 'held' },
          { assertion: 'members', actual: '1', state: 'failed' },
        ],
      },
    ],
  })
  expectDocument(CheckDocument, failing.out)
  const made = await maker.open(spec)
  const held = await waiting
  expect(held).toMatchObject({ status: 0, messages: '' })
  expect(JSON.parse(held.out).state).toBe('held')

  // The queue of one member holds two connections of two, and a third one is dropped.
  await maker.close(...(first ? [first] : []), ...made)
  await maker.open({ ...spec, port: 7301, backlog: 1, options: [] })
  const dropping = cli(
    'check',
    'tcp:127.0.0.1:7301',
    '--netns',
    namespace.name,
    '--no-drops',
    '--for',
    '100s',
    '--nagios',
  )
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: 7301, count: 2 })
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: 7301, count: 3, stuck: 3 })
  let ended = false
  void dropping.then(() => {
    ended = true
  })
  // Until the check has read the counter before and after a drop.
  while (!ended) {
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: 7301, count: 1, stuck: 1, patience: 0.2 })
  }
  const monitored = await dropping
  expect(monitored.status).toBe(2)
  expect(monitored.out).toMatch(/^CRITICAL - .*no-drops.*: [\d,]+ drops? \(0 drops\).* \| 'drops'=\d+;;0\n$/)
})

test('during reports the connections and datagrams that its clients lost, and not one more', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  const folder = temporaryFolder()
  const spec: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', port: 7310, options: ['reuseport'] }
  const old = await maker.open({ ...spec, count: 4 })
  await maker.open({
    protocol: 'udp',
    address: '127.0.0.1',
    port: 7311,
    rcvbuf: 4096,
    options: ['reuseport'],
    count: 2,
  })
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: 7310, count: 40 })
  const script = 'touch "$0/started"; while [ ! -e "$0/done" ]; do sleep 0.05; done; echo reloaded'
  const watching = cli(
    'during',
    '--netns',
    namespace.name,
    '--calm',
    '500ms',
    '--json',
    '--',
    'sh',
    '-c',
    script,
    folder,
  )
  await eventually('the command runs', () => existsSync(join(folder, 'started')))
  await maker.open({ ...spec, count: 2 })
  await maker.close(...old.slice(1))
  await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: 7311, count: 60, bytes: 1000, flows: 6 })
  writeFileSync(join(folder, 'done'), '')
  const { status, out, messages } = await watching
  expect([status, messages]).toEqual([1, 'reloaded\n'])
  expectDocument(DuringDocument, out)
  const report = JSON.parse(out)
  const broken = await maker.broken()
  expect(broken).toBeGreaterThan(0)
  expect(report).toMatchObject({
    schema: 'reuseport-inspector/during/1',
    exit: { code: 0, signal: null },
    connectionsLost: broken,
    groups: [
      { key: { port: 7310 }, members: { before: 4, after: 3 }, joined: 2, left: 3, waiting: broken, dropped: 0 },
      { key: { port: 7311 }, joined: 0, left: 0, waiting: null },
    ],
  })
  expect(report.dropped).toBeGreaterThan(0)
  expect(report.calmAfterMs).not.toBeNull()
})

test('a reload of nginx with fewer workers: two listeners leave, and nothing is lost', async (context) => {
  needsProgram(context, 'nginx')
  await using namespace = await makeNamespace()
  const configuration = (workers: number) => (directory: string) =>
    `
daemon off;
worker_processes ${workers};
pid ${directory}/pid;
error_log ${directory}/log;
events {}
http {
  access_log off;
  client_body_temp_path ${directory}/1; proxy_temp_path ${directory}/2; fastcgi_temp_path ${directory}/3;
  uwsgi_temp_path ${directory}/4; scgi_temp_path ${directory}/5;
  server { listen 127.0.0.1:7320 reuseport; return 204; }
}
`
  await using nginx = await startProgram({
    name: 'nginx',
    netns: namespace,
    configuration: configuration(4),
    args: (directory, file) => ['-p', directory, '-c', file],
    sockets: 4,
  })
  nginx.configure(configuration(2)(nginx.directory))
  // It returns when the reload is over, however long that takes.
  const until = `until [ "$(ss -N ${namespace.name} -Htln | wc -l)" = 2 ]; do sleep 0.05; done`
  const reload = ['sh', '-c', `kill -HUP "$(cat ${nginx.directory}/pid)" && ${until}`]
  const { status, out } = await cli(
    'during',
    '--netns',
    namespace.name,
    '--calm',
    '1500ms',
    '--format',
    'markdown',
    '--',
    ...reload,
  )
  expect(status).toBe(0)
  expect(out).toContain('Nothing was lost, as far as is known, in 1 watched group.')
  expect(out).toMatch(/\| `tcp4 127\.0\.0\.1:7320` \| 4 → 2 \| 0 \| 2 \| \d+ new, \d+ gone \| 0 \| 0 \| – \|/)
})

test('a command that cannot be started, or fails, is an error', async () => {
  expect(await cli('during', '--', '/no/such/program')).toEqual({
    status: 3,
    out: '',
    messages: "reuseport-inspector: Cannot run '/no/such/program': there is no such program.\n",
  })
  await using namespace = await makeNamespace()
  const failed = await cli('during', '--netns', namespace.name, '--calm', '100ms', '--', 'sh', '-c', 'exit 7')
  expect(failed.status).toBe(3)
  expect(failed.out).toMatch(/^The command failed with exit status 7 after/)
})
