/** The BPF reader (native/bpf/main.cc) as a process: one request for each reading, answered with what changed. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** One group as the reader writes it (native/bpf/group_json.h). A socket is its cookie, null without one. */
export type ReadGroup = {
  readonly id: number
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
/** What changed since the previous reading; everything in the first one. */
export type Reading = { readonly groups: readonly ReadGroup[]; readonly removed: readonly number[] }

/** How much of its standard error is kept: a sentence. */
const MAX_REASON = 500

export class BpfReader {
  /** Why it gives no readings; null while it does. */
  unavailable: string | null = null
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: AsyncIterator<string>
  readonly #ended: Promise<void>

  /** Starts the program at `path`. It ends with this process, however that ends. */
  constructor(path: string) {
    // In a session of its own: Ctrl+C goes to the program that started it, which then ends it.
    const child = spawn(path, ['groups'], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
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

  /** Reads all groups; null where it cannot (`unavailable`). Calls must not overlap. */
  async read(): Promise<Reading | null> {
    if (this.unavailable === null) this.#child.stdin.write('\n')
    const line = await this.#lines.next()
    if (!line.done) return JSON.parse(line.value) as Reading
    await this.#ended
    return null
  }

  close(): void {
    this.#child.stdin.destroy()
  }
}

function notStarted(path: string, error: NodeJS.ErrnoException): string {
  if (error.code !== 'ENOENT') return `the BPF reader could not be started (${error.message})`
  return `the BPF reader is not installed (${path}); it is built where clang, bpftool and libbpf-dev are`
}
