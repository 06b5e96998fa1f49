/** A carrier's command while it runs. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Carrier } from './carrier.ts'

/** For the command to end by itself, once its standard input has ended. */
const END_MS = 1000
/** What it prints to standard error is kept up to this length, the latest of it. */
const MAX_MESSAGES = 8192

export type Exit = { readonly status: number | null; readonly signal: NodeJS.Signals | null }

export class CarrierProcess {
  readonly input: Writable
  readonly output: Readable
  readonly exited: Promise<Exit>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  /** It leads a process group of its own. */
  readonly #apart: boolean
  #messages = ''

  /**
   * Starts it, with further `args`. sh(1) is on every machine; what it cannot start is an exit status of 127, with a message. With
   * `environment`, in place of that of this process, it has no terminal either.
   */
  constructor({ shellArguments }: Carrier, environment?: NodeJS.ProcessEnv, args: readonly string[] = []) {
    this.#apart = environment !== undefined
    const apart = environment === undefined ? {} : { env: environment, detached: true }
    this.#child = spawn('/bin/sh', [...shellArguments, ...args], { stdio: ['pipe', 'pipe', 'pipe'], ...apart })
    this.input = this.#child.stdin
    this.output = this.#child.stdout
    // It may end at any time, which the reader of its output notices.
    this.input.on('error', () => {})
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#messages = (this.#messages + text).slice(-MAX_MESSAGES)
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('error', () => resolve({ status: null, signal: null }))
      this.#child.once('close', (status, signal) => resolve({ status, signal }))
    })
  }

  /** What it printed to standard error, in one line. */
  get messages(): string {
    return oneLine(this.#messages)
  }

  kill(): void {
    if (this.#apart && this.#child.pid !== undefined) killGroup(this.#child.pid)
    else this.#child.kill()
    // Something that it started may keep the pipes open.
    this.#child.stdout.destroy()
  }

  /**
   * Ends its standard input, and ends it if that does not; resolves when it has ended. One that runs as root cannot be
   * killed (kill(2)): that is left alone after the same time, and ends when it reads or writes.
   */
  async end(): Promise<void> {
    this.input.end()
    let late: NodeJS.Timeout | undefined
    const leftAlone = new Promise<void>((resolve) => {
      late = setTimeout(() => {
        this.kill()
        late = setTimeout(resolve, END_MS)
      }, END_MS)
    })
    await Promise.race([this.exited, leftAlone])
    clearTimeout(late)
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader)
  } catch {
    // All of it has ended.
  }
}

/** Lines of a program's output as one, at most its last 600 characters. */
export function oneLine(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*[\r\n]+\s*/g, ' / ')
    .slice(-600)
}
