/** A command on a terminal of its own, under job control (job.py). */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type JobEnd = { stopped?: string; exit?: number; signal?: string }
export type Job = AsyncDisposable & {
  /** Waits until `text` is written after what was read before, and gives all of that. */
  read(text: string): Promise<string>
  type(text: string): Promise<void>
  signal(name: NodeJS.Signals): Promise<void>
  resize(columns: number, rows: number): Promise<void>
  /** Closes the terminal. */
  hangUp(): Promise<void>
  /** Waits until the job stopped or ended. */
  wait(): Promise<JobEnd>
  /** As `fg` does. */
  foreground(): Promise<void>
  /** True when the terminal's modes are those from before the command. */
  modesAreRestored(): Promise<boolean>
  /** Everything that was written so far. */
  output(): Promise<string>
}

const program = fileURLToPath(new URL('./job.py', import.meta.url))

export function startJob(command: readonly string[], env: NodeJS.ProcessEnv): Job {
  const child = spawn('python3', [program, ...command], { stdio: ['pipe', 'pipe', 'inherit'], env, detached: true })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (op: string, order: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify({ op, ...order })}\n`)
    const line = await lines.next()
    if (line.done) throw new Error(`The job's shell ended while it was asked to ${op}.`)
    return JSON.parse(line.value) as Record<string, unknown>
  }
  let taken = 0
  return {
    read: async (text) => {
      const { output, size } = await ask('read', { until: text, from: taken })
      taken = Number(size)
      return String(output)
    },
    type: async (text) => void (await ask('type', { text })),
    signal: async (name) => void (await ask('signal', { name })),
    resize: async (columns, rows) => void (await ask('resize', { columns, rows })),
    hangUp: async () => void (await ask('hangup')),
    wait: () => ask('wait'),
    foreground: async () => void (await ask('foreground')),
    modesAreRestored: async () => (await ask('modes')).same === true,
    output: async () => String((await ask('read', { until: '', from: 0 })).output),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await gone
    },
  }
}
