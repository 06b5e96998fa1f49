/** Servers with several processes and different accept models (workers.py), and clients for them. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { python } from '../../support/python.ts'

const program = fileURLToPath(new URL('./workers.py', import.meta.url))

export type Workers = AsyncDisposable & {
  readonly port: number
  readonly pids: number[]
  /** Opens this many connections, one after another; resolves when workers have accepted all. */
  connect(count: number): Promise<void>
  /** Every worker closes its connections, and keeps all later ones. */
  forgive(): Promise<void>
}

/**
 * Starts workers in a network namespace. `close`: the worker that closes accepted connections at once; `cpus`: how many
 * set SO_INCOMING_CPU.
 */
export async function startWorkers(
  netns: string,
  mode: 'epoll' | 'exclusive' | 'blocking' | 'reuseport',
  { workers = 4, close = -1, cpus = 0 } = {},
): Promise<Workers> {
  const args = [program, '--mode', mode, '--workers', String(workers), '--close', String(close), '--cpus', String(cpus)]
  const child = spawn('ip', ['netns', 'exec', netns, python, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const line = await lines.next()
    if (line.done) throw new Error('The workers ended.')
    return line.value
  }
  const order = async (line: string) => {
    child.stdin.write(`${line}\n`)
    await next()
  }
  const [port = 0, ...pids] = (await next()).split(' ').map(Number)
  return {
    port,
    pids,
    connect: (count) => order(String(count)),
    forgive: () => order('forgive'),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await gone
    },
  }
}
