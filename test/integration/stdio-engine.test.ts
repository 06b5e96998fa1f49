/** `engine --stdio`: the contract over pipes, and that nothing is left when the other end is gone. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { beforeEach, expect, test } from 'vitest'
import { FarEngine } from '../../electron/host/wire/far-engine.ts'
import { encodeFrame, FrameKind } from '../../electron/host/wire/frames.ts'
import { Greeting, nextMarkedLine } from '../../electron/host/wire/greeting.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const MARKER = 'ab'.repeat(16)
const program = `${root}dist/node/cli.cjs`

beforeEach(needsRoot)

type Started = AsyncDisposable & {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly greeting: Greeting
  /** Resolves to its exit status; null after a signal. */
  readonly exited: Promise<number | null>
}

/** Starts one in a namespace, and reads its greeting. */
async function startStdioEngine(netns: string, args: string[] = []): Promise<Started> {
  const command = ['netns', 'exec', netns, process.execPath, program, 'engine', '--stdio', '--marker', MARKER, ...args]
  const child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {})
  child.stderr.resume()
  const exited = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)))
  const { message } = await nextMarkedLine(child.stdout, MARKER)
  return {
    child,
    greeting: Greeting.parse(message),
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The processes of its lab. */
async function openLab(far: FarEngine): Promise<number[]> {
  const lab = await far.client().lab.listen({ protocol: 'tcp', address: '127.0.0.1', listeners: 2 })
  const pids = lab.members.flatMap(({ pid }) => (pid === null ? [] : [pid]))
  expect(pids.length).toBeGreaterThan(0)
  return pids
}

const gone = (pids: number[]) => eventually('its lab is gone', () => pids.every((pid) => !existsSync(`/proc/${pid}`)))

test('it greets with what it is, and answers the contract', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 3 })
  await using started = await startStdioEngine(namespace.name)
  expect(started.greeting).toMatchObject({ protocol: 1, pid: started.child.pid, uid: 0 })
  const far = new FarEngine(started.greeting, started.child.stdout, started.child.stdin)
  const [one, other] = [far.client(), far.client()]
  const [snapshot, change] = await Promise.all([one.snapshot({}), other.groups.changes({})])
  const cookies = snapshot.groups.flatMap(({ members }) => members.map(({ cookie }) => cookie)).sort()
  expect(cookies).toEqual(made.map(({ cookie }) => cookie).sort())
  expect(change.rows.map(({ id }) => id)).toEqual(snapshot.groups.map(({ id }) => id))
  far.end()
  expect(await started.exited).toBe(0)
})

test('it stores and reads no snapshots', async () => {
  await using namespace = await makeNamespace()
  await using started = await startStdioEngine(namespace.name)
  const client = new FarEngine(started.greeting, started.child.stdout, started.child.stdin).client()
  await expect(client.snapshots.save({ name: 'here' })).rejects.toThrow()
  await expect(client.groups.changes({ snapshot: 'here.json.gz' })).rejects.toThrow()
})

test('typed errors arrive with their problem', async () => {
  await using namespace = await makeNamespace()
  await using started = await startStdioEngine(namespace.name)
  const client = new FarEngine(started.greeting, started.child.stdout, started.child.stdin).client()
  await expect(client.snapshot({ selection: { netns: 'no-such' } })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    data: { cause: 'no accessible namespace has that name' },
  })
})

test.each<[string, (started: Started, far: FarEngine) => unknown]>([
  ['its standard input ends', ({ child }) => child.stdin.end()],
  ['both pipes are closed', ({ child }) => [child.stdin.destroy(), child.stdout.destroy()]],
  ['it is asked to end', (_, far) => far.end()],
  ['it receives SIGTERM', ({ child }) => child.kill('SIGTERM')],
  ['it receives what is not a frame', ({ child }) => child.stdin.write('GET / HTTP/1.1\r\n\r\n')],
  [
    'it receives what is not a request',
    ({ child }) => {
      child.stdin.write(
        Buffer.concat([encodeFrame(FrameKind.open, 9), encodeFrame(FrameKind.data, 9, Buffer.from('{}'))]),
      )
    },
  ],
])('nothing is left, labs included, after %s', async (_name, act) => {
  await using namespace = await makeNamespace()
  await using started = await startStdioEngine(namespace.name)
  const far = new FarEngine(started.greeting, started.child.stdout, started.child.stdin)
  const pids = await openLab(far)
  act(started, far)
  expect(await started.exited).toBe(0)
  await gone(pids)
})

test('it ends by itself when the other end is silent, labs included', async () => {
  await using namespace = await makeNamespace()
  // Longer than opening a lab takes, meanwhile this end says nothing either.
  await using started = await startStdioEngine(namespace.name, ['--silence', '10000'])
  // This end pings too seldom for that.
  const far = new FarEngine(started.greeting, started.child.stdout, started.child.stdin, { silenceMs: 3_600_000 })
  const pids = await openLab(far)
  expect(await started.exited).toBe(0)
  expect(await far.ended).toBe('it was silent for 10 s')
  await gone(pids)
})

test('requests that are pending when it is killed are rejected with the reason', async () => {
  await using namespace = await makeNamespace()
  await using started = await startStdioEngine(namespace.name)
  const far = new FarEngine(started.greeting, started.child.stdout, started.child.stdin)
  const client = far.client()
  const { cursor } = await client.lab.changes({})
  const pending = client.lab.changes({ after: cursor })
  pending.catch(() => undefined)
  started.child.kill('SIGKILL')
  await expect(pending).rejects.toThrow(/^the connection was lost: /)
  await expect(client.machine.about()).rejects.toThrow(/^the connection was lost: /)
})

test('it refuses another contract, and anything but pipes', async () => {
  const run = async (args: string[], stdin: 'pipe' | 'ignore') => {
    const child = spawn(process.execPath, [program, 'engine', '--stdio', '--marker', MARKER, ...args], {
      stdio: [stdin, 'pipe', 'pipe'],
    })
    let message = ''
    child.stderr?.on('data', (text) => {
      message += text
    })
    const status = await new Promise((resolve) => child.once('close', resolve))
    return { status, message }
  }
  expect(await run(['--contract', '0123456789abcdef'], 'pipe')).toMatchObject({
    status: 2,
    message: expect.stringContaining('not 0123456789abcdef'),
  })
  expect(await run([], 'ignore')).toMatchObject({ status: 2, message: expect.stringContaining('over pipes') })
})
