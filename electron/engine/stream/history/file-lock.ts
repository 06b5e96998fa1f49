/** Keeps other processes from continuing a file: FILE.lock beside it names the one that does. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { pidSpace, startedAt } from '../../common/temporary-files.ts'
import { FileError, toFileError } from '../../snapshots/index.ts'

/** The holder in another PID namespace cannot be seen: it runs while it writes. */
const WRITES_MS = 60_000
const RETRY_MS = 20

export class FileLock {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** Throws a FileError where another process holds it. The lock of one that was killed is taken over. */
  static async take(path: string): Promise<FileLock> {
    const lock = `${path}.lock`
    const asked = `keeping the history in ${path}`
    try {
      for (;;) {
        if (await create(lock, `${pidSpace()} ${process.pid} ${startedAt(process.pid) ?? 0}\n`))
          return new FileLock(lock)
        const found = await textOf(lock)
        if (found === null) continue
        const holder = await holderOf(path, lock, found)
        if (holder !== null) {
          throw new FileError(asked, `${holder} does so already`, `End it, or name another file. Its lock is ${lock}.`)
        }
        await remove(lock, found)
      }
    } catch (error) {
      throw toFileError(asked, error)
    }
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true }).catch(() => undefined)
  }
}

/** Makes the file; false where there is one. */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** null where there is none. */
async function textOf(lock: string): Promise<string | null> {
  try {
    return await readFile(lock, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * Removes the lock if it still says `text`. One process at a time: another one may have taken it over already, and that
 * lock must stay.
 */
async function remove(lock: string, text: string): Promise<void> {
  const guard = `${lock}.removal`
  if (!(await create(guard, ''))) {
    const made = await stat(guard).catch(() => null)
    // It was killed in the middle.
    if (made !== null && Date.now() - made.mtimeMs > WRITES_MS) await rm(guard, { force: true })
    return pause(RETRY_MS)
  }
  try {
    if ((await textOf(lock)) === text) await rm(lock)
  } finally {
    await rm(guard, { force: true })
  }
}

/** The process that holds the lock, for a sentence; null where it has ended. `text`: what the lock says. */
async function holderOf(path: string, lock: string, text: string): Promise<string | null> {
  const [, space, pid, started] = /^([0-9a-f]+) (\d+) (\d+)\n$/.exec(text) ?? []
  if (space === pidSpace()) return startedAt(Number(pid)) === Number(started) ? `process ${pid}` : null
  // One that is incomplete is being written.
  const written = await stat(space === undefined ? lock : path).catch(() => null)
  const recent = written !== null && Date.now() - written.mtimeMs < WRITES_MS
  return recent ? `a process ${space === undefined ? 'that is starting' : 'of another container'}` : null
}
