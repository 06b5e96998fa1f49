/** The BPF reader (native/bpf/main.cc) as a process: one request for each reading, answered with what changed. */
import { dirname, join } from 'node:path'
import { type Addon, isNativeError, type LineProgram, type ProgramAnswer } from '../../../native/index.ts'
import { TimeSlice } from '../common/time-slice.ts'

/** One group as the reader writes it (native/bpf/group_json.h). A socket is its cookie, null without one. */
export type ReadGroup = {
  readonly id: number
  readonly netns: number
  readonly port: number
  readonly members: (string | null)[]
  /** TCP only. */
  readonly halfOpen?: number[]
  readonly closed: (string | null)[]
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

/**
 * What each verb answers: what changed since the previous reading; everything in the first one. A long answer comes in
 * parts (native/bpf/answer.h): `more` says that the next request gets another one.
 */
export type Readings = {
  groups: { readonly groups: readonly ReadGroup[]; readonly removed: readonly number[]; readonly more?: boolean }
  /** native/bpf/count_reader.h. `since`: when counting began, in milliseconds since 1970. */
  count: {
    readonly more?: boolean
    readonly since: number
    readonly given: readonly (readonly [cookie: string, count: number])[]
    readonly removed: readonly string[]
  }
  /** native/bpf/flow_reader.h. Times in milliseconds since 1970; `since`: when sampling began. */
  flows: {
    readonly more?: boolean
    readonly since: number
    readonly flows: readonly (readonly [cookie: string, address: string, port: number, at: number])[]
    /** Both numbers are 0 for one that was closed. */
    readonly members: readonly (readonly [cookie: string, given: number, sampled: number])[]
  }
}

/** The share of time in which it may be busy while the engine is watched. */
const SHARE = 0.05
/** A part takes milliseconds, and the first one, for which programs are loaded, a tenth of a second. */
const TIMEOUT_MS = 5000

/** Starts the program with a verb. Throws a NativeError. */
export type StartBpfProgram = (verb: keyof Readings) => LineProgram

/** The BPF reader's program, which is built and shipped beside the addon. */
export function bpfProgramBeside(addonPath: string, { LineProgram: Program }: Addon): StartBpfProgram {
  const path = join(dirname(addonPath), 'reuseport-bpf')
  return (verb) => new Program(path, verb)
}

export class BpfReader<Verb extends keyof Readings> {
  /** Why it gives no readings; null while it does. */
  unavailable: string | null = null
  readonly #program: LineProgram | null
  #endedAt = Number.NEGATIVE_INFINITY
  #durationMs = 0
  #answered = false

  /** Starts the program. It ends with this process, however that ends. */
  constructor(start: StartBpfProgram, verb: Verb) {
    try {
      this.#program = start(verb)
    } catch (error) {
      this.#program = null
      this.unavailable = notStarted(error)
    }
  }

  /** True where another reading keeps within the share of time. */
  get due(): boolean {
    return performance.now() - this.#endedAt >= this.#durationMs / SHARE
  }

  /**
   * One reading, each part of which is passed to `take`, with turns of the event loop in between; false where there is
   * none, or only a part of one (`unavailable`), and then it is closed. Calls must not overlap.
   */
  async read(take: (part: Readings[Verb]) => void): Promise<boolean> {
    if (this.#program === null) return false
    const started = performance.now()
    let answer = await this.#program.ask(TIMEOUT_MS)
    const slice = new TimeSlice()
    while (answer.line !== null) {
      const part = JSON.parse(answer.line) as Readings[Verb]
      take(part)
      if (part.more !== true) {
        this.#noteTimes(started)
        return true
      }
      if (slice.expired) await slice.next()
      answer = await this.#program.ask(TIMEOUT_MS)
    }
    this.unavailable ??= await reasonOf(answer)
    this.close()
    return false
  }

  close(): void {
    this.#program?.end()
  }

  #noteTimes(started: number): void {
    this.#endedAt = performance.now()
    // Programs are loaded once: that says nothing about the next reading.
    if (this.#answered) this.#durationMs = this.#endedAt - started
    this.#answered = true
  }
}

async function reasonOf({ errorText, status, signal }: Exclude<ProgramAnswer, { line: string }>): Promise<string> {
  if (status === null && signal === null) return 'the BPF reader does not answer'
  if (errorText.trim() !== '') return errorText.trim()
  if (status !== null) return `the BPF reader ended (status ${status})`
  const { constants } = await import('node:os')
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? [`signal ${signal}`]
  return `the BPF reader ended (${name})`
}

function notStarted(error: unknown): string {
  if (!isNativeError(error)) throw error
  if (error.code !== 'ENOENT') return `the BPF reader could not be started (${error.message})`
  const path = error.operation.replace(/^start /, '')
  return `the BPF reader is not installed (${path}); it is built where clang, bpftool (7.0 or later) and libbpf-dev are`
}
