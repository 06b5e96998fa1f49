/** A command on its own terminal, under job control (job.py). */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { python } from '../../support/python.ts'

export type JobEnd = { stopped?: string; exit?: number; signal?: string }
export type Job = AsyncDisposable & {
  /** Waits until `text` appears in the output not yet read, and returns that output. */
  read(text: string): Promise<string>
  type(text: string): Promise<void>
  signal(name: NodeJS.Signals): Promise<void>
  resize(columns: number, rows: number): Promise<void>
  /** Closes the terminal. */
  hangUp(): Promise<void>
  /** Waits until the job has stopped or ended. */
  wait(): Promise<JobEnd>
  /** Like `fg`. */
  foreground(): Promise<void>
  /** Whether the terminal's modes are those from before the command. */
  modesAreRestored(): Promise<boolean>
  /** All output so far. */
  output(): Promise<string>
}

const program = fileURLToPath(new URL('./job.py', import.meta.url))

export function startJob(command: readonly string[], env: NodeJS.ProcessEnv): Job {
  const child = spawn(python, [program, ...command], { stdio: ['pipe', 'pipe', 'inherit'], env, detached: true })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (op: string, order: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
    child.stdin.write(`${JSON.stringify({ op, ...order })}\n`)
    const line = await lines.next()
    if (line.done) throw new Error(`The job's shell ended during ${op}.`)
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
