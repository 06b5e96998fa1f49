/** Engines for tests: in this process, or in a separate process that may run as another user. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ContractRouterClient } from '@orpc/contract'
import { inject } from 'vitest'
import type { Contract } from '../../../electron/contract/contract.ts'
import type { Snapshot } from '../../../electron/contract/model.ts'
import { Settings } from '../../../electron/contract/settings.ts'
import { type Engine, startEngine } from '../../../electron/engine/engine.ts'
import { memorySettings } from '../../../electron/engine/settings/settings-store.ts'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
export const addonPath = `${root}native/build/Release/reuseport.node`
export type Client = ContractRouterClient<Contract>
export type TestEngine = Engine & AsyncDisposable

/**
 * An engine in this process, with settings in memory, and `now` as its clock if given. `readsAlways`: also while no one
 * watches.
 */
export async function startTestEngine(
  settings: Partial<Settings> = {},
  now = () => new Date(),
  readsAlways = false,
): Promise<TestEngine> {
  const engine = await startEngine({ addonPath, settings: memorySettings(Settings.parse(settings)), now, readsAlways })
  return {
    router: engine.router,
    client: engine.client,
    parts: engine.parts,
    showing: (far, bootId) => engine.showing(far, bootId),
    recordMetrics: () => engine.recordMetrics(),
    onEvent: (take) => engine.onEvent(take),
    close: () => engine.close(),
    [Symbol.asyncDispose]: () => engine.close(),
  }
}

export type ChildEngineOptions = {
  uid?: number
  /** Path of the network namespace to run in. */
  netns?: string
  /** /proc hides other users' processes (proc(5), hidepid=2). */
  hidepid?: boolean
  /** Nothing is mounted on /proc, and no network namespace has a name. */
  withoutProc?: boolean
  /** It has its own network and PID namespaces, as in a container. */
  contained?: boolean
  /** The kernel refuses every netlink socket (EPERM), as a container's seccomp profile may. */
  withoutNetlink?: boolean
}

/** Resource use of an engine's process, reported by itself. */
export type Usage = { descriptors: number; heapUsed: number; external: number; rss: number; cpuMs: number }

export type ChildEngine = AsyncDisposable & {
  readonly pid: number
  snapshot: Client['snapshot']
  /** Any other procedure, by its path in the contract. Rejects with the engine's error (`code`, `data`). */
  ask(path: string, input?: unknown): Promise<unknown>
  /** Takes `count` snapshots one after another, and discards them. */
  refresh(count: number): Promise<void>
  usage(): Promise<Usage>
  end(): Promise<void>
}

type Answer = {
  ready?: boolean
  pid?: number
  output?: unknown
  error?: { code: string; message: string; data: unknown }
}

/**
 * Starts an engine in its own process. Another user must be able to read the program wherever the clone is, so it is
 * bind-mounted in a mount namespace that only this process sees. Rejects with the child's message if the engine does
 * not start.
 */
export async function startChildEngine(options: ChildEngineOptions = {}): Promise<ChildEngine> {
  const steps = [
    'set -e',
    'mount --make-rprivate /',
    'mount -t tmpfs -o mode=755 tmpfs /mnt',
    'mkdir /mnt/repo; touch /mnt/node',
    'mount --bind "$1" /mnt/repo',
    'mount --bind "$2" /mnt/node',
  ]
  if (options.hidepid) steps.push('mount -t proc -o hidepid=2 proc /proc')
  if (options.withoutProc) steps.push('mount -t tmpfs nothing /proc; mount -t tmpfs nothing /run')
  const identity =
    options.uid === undefined ? '' : `setpriv --reuid=${options.uid} --regid=${options.uid} --clear-groups`
  const confinement = options.withoutNetlink ? 'python3 /mnt/repo/test/integration/support/without-netlink.py' : ''
  steps.push(
    `exec ${identity} ${confinement} /mnt/node --require /mnt/repo/test/support/external-memory/refuse.cjs --expose-gc /mnt/repo/${inject('programs')}/engine-child.js`,
  )
  const contained = options.contained ? ['--net', '--pid', '--mount-proc', '--fork', '--kill-child'] : []
  const shell = ['unshare', '--mount', ...contained, '--', 'sh', '-c', steps.join('\n'), 'sh', root, process.execPath]
  const command = options.netns === undefined ? shell : ['nsenter', `--net=${options.netns}`, '--', ...shell]
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], cwd: '/' })
  return converse(child)
}

async function converse(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<ChildEngine> {
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<Answer> => {
    const line = await lines.next()
    if (line.done) {
      await gone
      throw new Error(`The engine's process ended: ${words}`)
    }
    const answer = JSON.parse(line.value) as Answer
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error)
    return answer
  }
  let last: Promise<unknown> = Promise.resolve()
  const ask = (path: string, input?: unknown): Promise<unknown> => {
    const asked = last.then(async () => {
      child.stdin.write(`${JSON.stringify({ path, input })}\n`)
      return (await next()).output
    })
    last = asked.catch(() => undefined)
    return asked
  }
  const ready = await next()
  const engine: ChildEngine = {
    pid: ready.pid ?? 0,
    snapshot: (input) => ask('snapshot', input) as Promise<Snapshot>,
    ask,
    refresh: async (count) => void (await ask('refresh', count)),
    usage: () => ask('usage') as Promise<Usage>,
    end: async () => {
      child.stdin.end()
      await gone
    },
    [Symbol.asyncDispose]: () => engine.end(),
  }
  return engine
}
