/** Keeps other processes from continuing a file: FILE.lock beside it names the one that does. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { pidSpace, startedAt } from '../../common/temporary-files.ts'
import { FileError, toFileError } from '../../snapshots/index.ts'

/** The holder in another PID namespace cannot be seen: it runs while it writes. */
const WRITES_MS = 60_000

export class FileLock {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** Throws a FileError where another process holds it. The lock of one that was killed is taken over. */
  static async take(path: string): Promise<FileLock> {
    const lock = `${path}.lock`
    const asked = `keeping the history in ${path}`
    const text = `${pidSpace()} ${process.pid} ${startedAt(process.pid) ?? 0}\n`
    for (;;) {
      try {
        await writeFile(lock, text, { flag: 'wx', mode: 0o600 })
        return new FileLock(lock)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw toFileError(asked, error)
      }
      const holder = await holderOf(path, lock)
      if (holder !== null) {
        throw new FileError(asked, `${holder} does so already`, `End it, or name another file. Its lock is ${lock}.`)
      }
      await rm(lock, { force: true }).catch((error: unknown) => {
        throw toFileError(asked, error)
      })
    }
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true }).catch(() => undefined)
  }
}

/** The process that holds the lock, for a sentence; null where it has ended. */
async function holderOf(path: string, lock: string): Promise<string | null> {
  const text = await readFile(lock, 'utf8').catch(() => '')
  const [, space, pid, started] = /^([0-9a-f]+) (\d+) (\d+)\n$/.exec(text) ?? []
  if (space === pidSpace()) return startedAt(Number(pid)) === Number(started) ? `process ${pid}` : null
  const written = await stat(path).catch(() => null)
  return written !== null && Date.now() - written.mtimeMs < WRITES_MS ? 'a process of another container' : null
}
