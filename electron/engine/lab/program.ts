/** The lab's program: started here, or met where another program of this user started it. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { LabId } from '../../contract/lab.ts'
import { LAB_COMMAND } from '../../contract/meaning.ts'
import { Dialogue } from './dialogue.ts'
import { Refusal } from './refusal.ts'
import { Status } from './status.ts'

/** A supervisor and the way to talk to it. */
export type Program = {
  readonly dialogue: Dialogue
  /** False of one that another program started. */
  readonly ours: boolean
  /** Hangs up. Of ours everything ends with it; resolves when nothing is left, to how it ended. */
  end(): Promise<Ending>
}

/** In order: it was stopped, hung up, or its time was up. Else it was killed or failed. How another's ends is not told. */
export type Ending = 'in-order' | 'broken' | 'unknown'

/** Ended in order it takes some milliseconds. After this long it is killed: its workers die with it (prctl(2), PR_SET_PDEATHSIG). */
const PATIENCE_MS = 5000
/** Somebody else's program may answer late or not at all. */
const ANSWER_MS = 2000

/** Where the program lies: beside the addon, in a checkout and where it is installed. */
export function programBeside(addonPath: string): string {
  return join(dirname(addonPath), LAB_COMMAND)
}

/** Starts one. It ends when this process ends, however that happens: the end of its standard input is the sign. */
export async function startProgram(path: string, id: LabId): Promise<Program> {
  // In a session of its own: Ctrl+C is for whoever started it, who then ends it in order.
  const child = spawn(path, [id], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const gone = new Promise<Ending>((resolve) =>
    child.once('close', (status) => resolve(status === 0 ? 'in-order' : 'broken')),
  )
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(path, error)))
  })
  const dialogue = new Dialogue(child.stdout, child.stdin)
  return {
    dialogue,
    ours: true,
    async end() {
      dialogue.end()
      const hurry = new AbortController()
      const late = pause(PATIENCE_MS, undefined, { signal: hurry.signal, ref: false }).then(
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

function notStarted(path: string, error: NodeJS.ErrnoException): Refusal {
  const asked = 'to start the lab'
  if (error.code === 'ENOENT') {
    const remedy = 'Install the inspector again; in a checkout run `npm run build:native`.'
    return new Refusal('NOT_IMPLEMENTED', asked, `its program is not there (${path})`, remedy)
  }
  if (error.code === 'EAGAIN') {
    return new Refusal(
      'SERVICE_UNAVAILABLE',
      asked,
      'no more processes are allowed (EAGAIN)',
      'End some, or raise the limit (ulimit -u).',
    )
  }
  return new Refusal('SERVICE_UNAVAILABLE', asked, error.message, null)
}

/** The labs of this user in this network namespace, with the inodes of the sockets that they listen on. */
export function labsThere(uid: number): Map<LabId, Set<number>> {
  try {
    return labSockets(readFileSync('/proc/net/unix', 'latin1'), uid)
  } catch (error) {
    const happened = error instanceof Error ? error.message : String(error)
    throw new Refusal(
      'SERVICE_UNAVAILABLE',
      'the labs that are open',
      happened,
      'They are found through /proc/net/unix: mount /proc.',
    )
  }
}

/**
 * The same from the text of /proc/net/unix (proc(5)). A lab listens on two names, the second with zeros at its end, which
 * show as `@`: Node 20 connects to such a one, later versions to the first.
 */
export function labSockets(text: string, uid: number): Map<LabId, Set<number>> {
  const found = new Map<LabId, Set<number>>()
  for (const line of text.split('\n')) {
    // Num: RefCount Protocol Flags Type St Inode Path. Flag 00010000: it listens (__SO_ACCEPTCON); connections have its path too.
    const [, , , flags, , , inode, path] = line.trim().split(/\s+/)
    const match = /^@reuseport-inspector\/lab\/(\d+)\/([0-9a-f]{8})@*$/.exec(path ?? '')
    if (match?.[2] === undefined || Number(match[1]) !== uid || flags !== '00010000') continue
    const inodes = found.get(match[2])
    if (inodes === undefined) found.set(match[2], new Set([Number(inode)]))
    else inodes.add(Number(inode))
  }
  return found
}

/** Talks to one that is there; null where it is gone, does not answer, or is not what its name says. */
export async function meetProgram(uid: number, id: LabId, inodes: ReadonlySet<number>): Promise<Program | null> {
  const socket = connect(`\0reuseport-inspector/lab/${uid}/${id}`)
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const dialogue = new Dialogue(socket, socket)
    const status = Status.parse(await inTime(dialogue.ask('status')))
    if (status.id !== id || !holdsAll(status.supervisor, uid, inodes)) throw new Error('not a lab of this user')
    const end = async (): Promise<Ending> => {
      socket.destroy()
      return 'unknown'
    }
    return { dialogue, ours: false, end }
  } catch {
    // A lab that ends while it is met, or somebody who took the name of one: anybody may bind an abstract address (unix(7)).
    socket.destroy()
    return null
  }
}

/** The answer, if it comes soon. Rejects otherwise. */
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

/** True where a process of this user holds all of the sockets: nobody else has one of the names. */
function holdsAll(pid: number, uid: number, inodes: ReadonlySet<number>): boolean {
  if (statSync(`/proc/${pid}`).uid !== uid) return false
  const directory = `/proc/${pid}/fd`
  const held = new Set(readdirSync(directory).map((fd) => readlinkSync(join(directory, fd))))
  return [...inodes].every((inode) => held.has(`socket:[${inode}]`))
}
