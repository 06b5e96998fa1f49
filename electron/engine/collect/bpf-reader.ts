/** The BPF reader (native/bpf/main.cc) as a process: one request for each reading, answered with what changed. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** One group as the reader writes it (native/bpf/group_json.h). A socket is its cookie, null without one. */
export type ReadGroup = {
  readonly id: number
  readonly netns: number
  readonly port: number
  readonly members: readonly (string | null)[]
  /** TCP only. */
  readonly halfOpen?: readonly number[]
  readonly closed: readonly (string | null)[]
  readonly maxSocks: number
  readonly bindInany: boolean
  readonly hasConns: boolean
  readonly program: ReadProgram | null
}
export type ReadProgram =
  | { readonly instructions: readonly (readonly [code: number, jt: number, jf: number, k: number])[] }
  | {
      readonly id: number
      readonly name: string
      readonly tag: string
      readonly type: number
      /** Milliseconds since 1970. */
      readonly loadedAt: number
      readonly mapCount: number
      readonly maps: readonly {
        readonly id: number
        readonly name: string
        readonly type: number
        readonly maxEntries: number
        /** By key; '' for an empty place. */
        readonly sockets?: readonly (string | null)[]
      }[]
    }

/** What each verb answers: what changed since the previous reading; everything in the first one. */
export type Readings = {
  groups: { readonly groups: readonly ReadGroup[]; readonly removed: readonly number[] }
  /** native/bpf/count_reader.h. `since`: when counting began, in milliseconds since 1970. */
  count: {
    readonly since: number
    readonly given: readonly (readonly [cookie: string, count: number])[]
    readonly removed: readonly string[]
  }
}

/** How much of its standard error is kept: a sentence. */
const MAX_REASON = 500
/** The share of time in which it may be busy while the engine is watched. */
const SHARE = 0.05
/** An answer takes milliseconds, and the first one, for which programs are loaded, a tenth of a second. */
const TIMEOUT_MS = 5000

/** The path of the BPF reader's program, which is built and shipped beside the addon. */
export function bpfReaderBeside(addonPath: string): string {
  return join(dirname(addonPath), 'reuseport-bpf')
}

export class BpfReader<Verb extends keyof Readings> {
  /** Why it gives no readings; null while it does. */
  unavailable: string | null = null
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<void>
  #endedAt = Number.NEGATIVE_INFINITY
  #durationMs = 0
  #answered = false

  /** Starts the program at `path`. It ends with this process, however that ends. */
  constructor(path: string, verb: Verb) {
    // In a session of its own: Ctrl+C goes to the program that started it, which then ends it.
    const child = spawn(path, [verb], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.#child = child
    let words = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(0, MAX_REASON)
    })
    // A request to a program that has ended: how it ended says why.
    child.stdin.on('error', () => {})
    this.#ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        this.unavailable = notStarted(path, error)
        resolve()
      })
      child.once('close', (status, signal) => {
        this.unavailable ??= words.trim() || `the BPF reader ended (${signal ?? `status ${status}`})`
        resolve()
      })
    })
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** True where another reading keeps within the share of time. */
  get due(): boolean {
    return performance.now() - this.#endedAt >= this.#durationMs / SHARE
  }

  /** One reading; null where there is none (`unavailable`), and then it is closed. Calls must not overlap. */
  async read(): Promise<Readings[Verb] | null> {
    const started = performance.now()
    const line = await inTime(this.#ask())
    this.#endedAt = performance.now()
    // Programs are loaded once: that says nothing about the next reading.
    if (this.#answered) this.#durationMs = this.#endedAt - started
    this.#answered = true
    if (line !== 'late' && !line.done) return JSON.parse(line.value) as Readings[Verb]
    if (line === 'late') this.unavailable ??= 'the BPF reader does not answer'
    else await this.#ended
    this.close()
    return null
  }

  close(): void {
    this.#child.stdin.destroy()
  }

  #ask(): Promise<IteratorResult<string>> {
    if (this.unavailable === null) this.#child.stdin.write('\n')
    return this.#lines.next()
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), TIMEOUT_MS)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

function notStarted(path: string, error: NodeJS.ErrnoException): string {
  if (error.code !== 'ENOENT') return `the BPF reader could not be started (${error.message})`
  return `the BPF reader is not installed (${path}); it is built where clang, bpftool and libbpf-dev are`
}
