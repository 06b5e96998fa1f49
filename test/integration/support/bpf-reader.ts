/** The BPF reader (native/bpf/main.cc) on its own: asked like the engine asks it, and compared with ground truth. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import type { ClassicInstruction, MadeSocket } from './socket-maker.ts'

export const bpfReader = fileURLToPath(new URL('../../../native/build/Release/reuseport-bpf', import.meta.url))

/** As the reader writes it (native/bpf/group_json.h). */
export type ReadGroup = {
  id: number
  netns: number
  protocol: 'tcp' | 'udp'
  port: number
  maxSocks: number
  bindInany: boolean
  hasConns: boolean
  members: (string | null)[]
  halfOpen?: number[]
  closed: (string | null)[]
  program:
    | null
    | { instructions: ClassicInstruction[] }
    | {
        id: number
        name: string
        tag: string
        type: number
        loadedAt: number
        mapCount: number
        maps: { id: number; name: string; type: number; maxEntries: number; sockets?: (string | null)[] }[]
      }
}

/** Skips the test where the reader is not built, or this machine does not let it work. */
export function needsBpf(context: TestContext, verb: 'groups' | 'count' | 'flows' = 'groups'): void {
  if (!existsSync(bpfReader)) context.skip('reuseport-bpf is not built: it takes clang, bpftool and libbpf-dev')
  const features = JSON.parse(
    execFileSync(bpfReader, ['features'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  if (features[verb] !== null) context.skip(features[verb])
}

/** Whether it is built, and this machine lets root do all that it can. */
export function readsBpf(): boolean {
  if (!existsSync(bpfReader)) return false
  const features = JSON.parse(execFileSync(bpfReader, ['features'], { encoding: 'utf8' }))
  return features.groups === null && features.count === null && features.flows === null
}

/** Each verb answers in one line, or in several, each for a request of its own (native/bpf/answer.h). */
type Part = { more: boolean }

class BpfProgram<Answer extends Part> implements AsyncDisposable {
  readonly child: ChildProcess
  /** Status, or the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly #lines: AsyncIterator<string>

  /** `command` precedes the program ("setpriv …") and must exec it. */
  constructor(args: readonly string[], command: readonly string[] = []) {
    const [file = bpfReader, ...rest] = [...command, bpfReader, ...args]
    const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdin.on('error', () => {})
    child.stderr.resume()
    this.child = child
    this.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? String(signal))))
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** All parts of an answer. */
  protected async ask(): Promise<Answer[]> {
    const parts: Answer[] = []
    do {
      this.child.stdin?.write('\n')
      const line = await this.#lines.next()
      if (line.done) throw new Error(`The BPF reader ended: ${await this.ended}`)
      parts.push(JSON.parse(line.value) as Answer)
    } while (parts.at(-1)?.more)
    return parts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.stdin?.end()
    await this.ended
  }
}

type Groups = { groups: ReadGroup[]; removed: number[] }

export class BpfReader extends BpfProgram<Groups & Part> {
  /** Every group as last read, by id. */
  readonly groups = new Map<number, ReadGroup>()

  constructor(args: readonly string[] = ['groups'], command: readonly string[] = []) {
    super(args, command)
  }

  /** Reads all groups; returns what changed. */
  async read(): Promise<Groups> {
    const parts = await this.ask()
    const groups = parts.flatMap((part) => part.groups)
    const removed = parts.flatMap((part) => part.removed)
    for (const id of removed) this.groups.delete(id)
    for (const group of groups) this.groups.set(group.id, group)
    return { groups, removed }
  }

  /** The groups with one of these sockets, as last read. */
  with(...made: MadeSocket[]): ReadGroup[] {
    const cookies = new Set(made.map(({ cookie }) => cookie))
    return [...this.groups.values()].filter(({ members, closed }) =>
      [...members, ...closed].some((cookie) => cookie !== null && cookies.has(cookie)),
    )
  }
}

type Counts = { since: number; given: [string, number][]; removed: string[] }

export class BpfCounter extends BpfProgram<Counts & Part> {
  readonly #given = new Map<string, number>()

  constructor() {
    super(['count'])
  }

  /** Reads all counts; returns when counting began, in ms since 1970. */
  async read(): Promise<number> {
    const parts = await this.ask()
    for (const cookie of parts.flatMap(({ removed }) => removed)) this.#given.delete(cookie)
    for (const [cookie, count] of parts.flatMap(({ given }) => given)) this.#given.set(cookie, count)
    return parts[0]?.since ?? 0
  }

  /** What the socket was given, as last read. */
  of({ cookie }: MadeSocket): number {
    return this.#given.get(cookie) ?? 0
  }
}

export type ReadFlow = [cookie: string, address: string, port: number, at: number]
type Flows = { since: number; flows: ReadFlow[]; members: [cookie: string, given: number, sampled: number][] }

export class BpfFlows extends BpfProgram<Flows & Part> {
  readonly #members = new Map<string, { given: number; sampled: number }>()

  constructor() {
    super(['flows'])
  }

  /** The flows that were sampled since the previous call, and when sampling began. */
  async read(): Promise<{ flows: ReadFlow[]; since: number }> {
    const parts = await this.ask()
    for (const [cookie, given, sampled] of parts.flatMap(({ members }) => members))
      this.#members.set(cookie, { given, sampled })
    return { flows: parts.flatMap(({ flows }) => flows), since: parts[0]?.since ?? 0 }
  }

  /** What the socket was given, and how much of it was sampled, as last read. */
  of({ cookie }: MadeSocket): { given: number; sampled: number } {
    return this.#members.get(cookie) ?? { given: 0, sampled: 0 }
  }
}

/** How the reader ends where it must not work: its status and what it prints. */
export async function refusal(command: readonly string[]): Promise<{ status: number | string; text: string }> {
  const [file = '', ...args] = [...command, bpfReader, 'groups']
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  const status = await new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? String(signal))),
  )
  return { status, text: text.trim() }
}
