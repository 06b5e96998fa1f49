/** The lab program on its own, controlled over its protocol (native/lab/protocol.h) and inspected from outside. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { python } from '../../support/python.ts'
import { eventually } from './conditions.ts'
import { readSs, type SsSocket } from './ss.ts'

const run = promisify(execFile)
export const labProgram = fileURLToPath(new URL('../../../native/build/Release/reuseport-lab', import.meta.url))

export type ProgramMember = { index: number; cookie: string; inode: number; pid: number; uid: number; state: string }
export type ProgramWorker = { index: number; pid: number; member: number; received: number }
export type ProgramTraffic = {
  pid: number
  endedAt: string | null
  sent: number
  done: number
  refused: number
  resets: number
  timeouts: number
  otherErrors: number
  moved: number
  samples: number
  failed: boolean
  foreignSocket: string | null
}
export type ProgramStatus = {
  address: string
  port: number
  netns: number
  ownNamespace: boolean
  supervisor: number
  pids: number[]
  members: ProgramMember[]
  workers: ProgramWorker[]
  traffic: ProgramTraffic | null
}
export type ProgramError = { call: string; errno: number; name: string; at: string }
type Answer = Record<string, unknown> & { error?: ProgramError }

export type LabProgram = AsyncDisposable & {
  readonly id: string
  readonly child: ChildProcess
  /** Sends one request and returns the reply, even an error. */
  ask(request: string): Promise<Answer>
  /** Returns the error of a request; fails if it succeeds. */
  refusal(request: string): Promise<ProgramError>
  listen(request: string): Promise<ProgramStatus>
  status(): Promise<ProgramStatus>
  /** Sends traffic; returns the status after it has ended and the workers have taken everything. */
  traffic(request: string): Promise<ProgramStatus & { traffic: ProgramTraffic }>
  /** Exit status, or the signal that ended it. */
  ended: Promise<number | string>
}

/** Starts a lab program. `command` precedes the program ("setpriv …") and must exec it. */
export function startLabProgram(command: readonly string[] = []): LabProgram {
  const id = randomBytes(4).toString('hex')
  const [file = labProgram, ...rest] = [...command, labProgram, id]
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
  // A request to a killed program is lost: its exit shows that.
  child.stdin.on('error', () => {})
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? String(signal))),
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (request: string): Promise<Answer> => {
    child.stdin.write(`${request}\n`)
    const line = await lines.next()
    if (line.done) throw new Error(`The lab program ended during: ${request}`)
    return JSON.parse(line.value) as Answer
  }
  const done = async <T>(request: string): Promise<T> => {
    const answer = await ask(request)
    if (answer.error) throw new Error(`${request}: ${JSON.stringify(answer.error)}`)
    return answer as T
  }
  const status = () => done<ProgramStatus>('status')
  return {
    id,
    child,
    ask,
    status,
    ended,
    refusal: async (request) => {
      const { error } = await ask(request)
      if (!error) throw new Error(`${request}: succeeded`)
      return error
    },
    listen: (request) => done<ProgramStatus>(`listen ${request}`),
    traffic: async (request) => {
      await done(`traffic ${request}`)
      const after = await eventually('the traffic has ended', async () => {
        const now = await status()
        return now.traffic?.endedAt ? now : null
      })
      if (!after.traffic) throw new Error('there was no traffic')
      return { ...after, traffic: after.traffic }
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await ended
    },
  }
}

export const received = (status: ProgramStatus): number[] => status.workers.map((worker) => worker.received)
export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

export type SocketOptions = {
  cookie: string
  type: 'tcp' | 'udp'
  listening: boolean
  reuseport: boolean
  reuseaddr: boolean
  interface: string | null
  incomingCpu: number
  receiveBuffer: number
  v6only: boolean | null
  address: string
  port: number
}

/** The members' options, read from the sockets through copies of their descriptors. */
export async function readOptions(members: readonly ProgramMember[]): Promise<(SocketOptions | null)[]> {
  const program = fileURLToPath(new URL('./socket-options.py', import.meta.url))
  const { stdout } = await run(python, [program, ...members.map(({ pid, inode }) => `${pid}:${inode}`)])
  return JSON.parse(stdout) as (SocketOptions | null)[]
}

/** Whether a process exists and is not a zombie. */
export function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
  } catch {
    return false
  }
}

/** The pids of this process's children. */
export function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
}

/** The lab's sockets according to ss. */
export async function socketsOf(status: ProgramStatus): Promise<SsSocket[]> {
  return (await readSs(status.ownNamespace ? status.supervisor : null)).filter((socket) =>
    status.members.some((member) => member.cookie === socket.cookie),
  )
}

/** Whether the lab's control socket is bound. */
export function hasControlSocket(id: string): boolean {
  return new RegExp(`@reuseport-inspector/lab/\\d+/${id}$`, 'm').test(readFileSync('/proc/net/unix', 'utf8'))
}
