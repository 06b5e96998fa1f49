/**
 * Files that are written beside their place before they are moved into it. Their names cannot be guessed, and identify
 * the writer: leftovers of a kill can be told from a file that is still being written, however long that takes.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startTimeOf } from './process-files.ts'

/**
 * For an unknown writer (another boot, another PID namespace, another machine that shares the folder), a file that was
 * not written to for this long counts as a leftover.
 */
const FOREIGN_MS = 24 * 3_600_000
/** Loaded only where a name is made: it takes 5 ms, and every command loads this module. */
const crypto = () => process.getBuiltinModule('node:crypto')
const NAME = /^\.reuseport-inspector-[0-9a-f]{12}-[0-9a-f]{12}-([0-9a-f]{12})-(\d+)-(\d+)\.part$/

/**
 * A name for a temporary file of `name`; open it with `wx`. It does not contain `name`, which may have the maximum
 * length. `pid`: of the process that writes it.
 */
export function temporaryName(name: string, pid = process.pid): string {
  const random = crypto().randomBytes(6).toString('hex')
  return `.reuseport-inspector-${digest(name)}-${random}-${pidSpace()}-${pid}-${startedAt(pid) ?? 0}.part`
}

/**
 * Removes leftovers of a kill from a folder: files of this user, with our names, that are no longer written. Never
 * fails.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const [, space, pid, started] = NAME.exec(name) ?? []
    if (space === undefined) continue
    const path = join(folder, name)
    const status = await lstat(path).catch(() => null)
    if (!status?.isFile() || status.uid !== process.geteuid?.()) continue
    const left =
      space === pidSpace() ? startedAt(Number(pid)) !== Number(started) : Date.now() - status.mtimeMs > FOREIGN_MS
    if (left) await rm(path, { force: true }).catch(() => undefined)
  }
}

/** Where a PID is unique: this boot, this PID namespace. Random where /proc does not say: then it matches no other. */
export function pidSpace(): string {
  try {
    return digest(readFileSync('/proc/sys/kernel/random/boot_id', 'latin1') + readlinkSync('/proc/self/ns/pid'))
  } catch {
    return crypto().randomBytes(6).toString('hex')
  }
}

/** When a process was started (startTimeOf); null where there is none. */
export function startedAt(pid: number): number | null {
  try {
    return startTimeOf(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return null
  }
}

function digest(text: string): string {
  return crypto().createHash('sha256').update(text).digest('hex').slice(0, 12)
}
