/** The lab's program: started here, or discovered where another program of this user started it. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Addon, isNativeError } from '../../../native/index.ts'
import { LAB_COMMAND } from '../../contract/constants.ts'
import type { LabId } from '../../contract/lab.ts'
import { LabConnection } from './lab-connection.ts'
import { LabError } from './lab-error.ts'
import { Status } from './status.ts'

/** A supervisor and the connection to it. */
export type Program = {
  readonly connection: LabConnection
  /** False for one that another program started. */
  readonly own: boolean
  /** Closes the connection, which ends a lab of ours; resolves, when nothing of it is left, to how it ended. */
  end(): Promise<Ending>
}

/** In order: stopped, disconnected, or its time was up; broken: killed or failed. Unknown for another program's lab. */
export type Ending = 'in-order' | 'broken' | 'unknown'

/**
 * An orderly end takes milliseconds. After this long it is killed, and its workers with it (PR_SET_PDEATHSIG,
 * prctl(2)).
 */
const TIMEOUT_MS = 5000
/** Another program may answer late or not at all. */
const ANSWER_MS = 2000

/** Where the program is: beside the addon, both in a checkout and where it is installed. */
export function programBeside(addonPath: string): string {
  return join(dirname(addonPath), LAB_COMMAND)
}

/** Starts one. It ends when this process ends, however that happens: closing its standard input is the signal. */
export async function startProgram(path: string, id: LabId): Promise<Program> {
  // In a session of its own: Ctrl+C goes to the program that started it, which then ends it in order.
  const child = spawn(path, [id], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const gone = new Promise<Ending>((resolve) =>
    child.once('close', (status) => resolve(status === 0 ? 'in-order' : 'broken')),
  )
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(path, error)))
  })
  const dialogue = new LabConnection(child.stdout, child.stdin)
  return {
    connection: dialogue,
    own: true,
    async end() {
      dialogue.end()
      const hurry = new AbortController()
      const late = pause(TIMEOUT_MS, undefined, { signal: hurry.signal, ref: false }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      )
      const ending = await gone
      hurry.abort()
      await late
      return ending
    },
  }
}

function notStarted(path: string, error: NodeJS.ErrnoException): LabError {
  const operation = 'starting the lab'
  if (error.code === 'ENOENT') {
    const hint = 'Install the inspector again; in a checkout run `npm run build:native`.'
    return new LabError('NOT_IMPLEMENTED', operation, `its program is missing (${path})`, hint)
  }
  if (error.code === 'EAGAIN') {
    return new LabError(
      'SERVICE_UNAVAILABLE',
      operation,
      'no more processes are allowed (EAGAIN)',
      'End some processes, or raise the limit (ulimit -u).',
    )
  }
  return new LabError('SERVICE_UNAVAILABLE', operation, error.message, null)
}

/** Sockets named like a lab of this user in this network namespace, with inodes. Anyone can take such a name. */
export function discoverLabs(uid: number): Map<LabId, number> {
  try {
    return labSockets(readFileSync('/proc/net/unix', 'latin1'), uid)
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new LabError(
      'SERVICE_UNAVAILABLE',
      'listing the open labs',
      cause,
      'Labs are found through /proc/net/unix: mount /proc.',
    )
  }
}

/** The same from the text of /proc/net/unix (proc(5)), which shows NULs as `@`: a longer name is a different one. */
export function labSockets(text: string, uid: number): Map<LabId, number> {
  const found = new Map<LabId, number>()
  for (const line of text.split('\n')) {
    // Num: RefCount Protocol Flags Type St Inode Path. Flag 00010000 (__SO_ACCEPTCON): it listens; connections have its
    // path too.
    const [, , , flags, , , inode, path] = line.trim().split(/\s+/)
    const match = /^@reuseport-inspector\/lab\/(\d+)\/([0-9a-f]{8})$/.exec(path ?? '')
    if (match?.[2] === undefined || Number(match[1]) !== uid || flags !== '00010000') continue
    found.set(match[2], Number(inode))
  }
  return found
}

/** A connection to this user's lab. `stranger`: another user listens there. `busy`: its accept queue is full. */
export function connectToLab(connect: Addon['connectAbstract'], uid: number, id: LabId): Socket | 'stranger' | 'busy' {
  try {
    const fd = connect(`reuseport-inspector/lab/${uid}/${id}`, uid)
    return fd === null ? 'stranger' : new Socket({ fd, readable: true, writable: true })
  } catch (error) {
    if (isNativeError(error)) return 'busy'
    throw error
  }
}

/** Connects to one that is running; null where it is gone, does not answer, or is not what its name says. */
export async function attachProgram(connection: Socket, id: LabId): Promise<Program | null> {
  const dialogue = new LabConnection(connection, connection)
  try {
    const status = Status.parse(await inTime(dialogue.ask('status')))
    if (status.id !== id) throw new Error('another lab')
    const end = async (): Promise<Ending> => {
      connection.destroy()
      return 'unknown'
    }
    return { connection: dialogue, own: false, end }
  } catch {
    // A lab that ends meanwhile, or another program of this user that took the name of one.
    connection.destroy()
    return null
  }
}

/** The answer, if it comes in time. Rejects otherwise. */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  const hurry = new AbortController()
  const late = pause(ANSWER_MS, undefined, { signal: hurry.signal }).then(() => {
    throw new Error('no answer in time')
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    hurry.abort()
    late.catch(() => undefined)
  }
}
