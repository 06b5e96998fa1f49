/**
 * Files that are written beside their place before they are put into it. Their names cannot be guessed, and say that they
 * are ours: what a kill leaves can be found again.
 */
import { createHash, randomBytes } from 'node:crypto'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A temporary file that nobody wrote to for so long was left by a kill. */
const ABANDONED_MS = 10 * 60_000
const NAME = /^\.reuseport-inspector-[0-9a-f]{12}-[0-9a-f]{12}\.part$/

/** A name for a temporary file of `name`; open it with `wx`. It does not hold the name, which may be as long as names can be. */
export function temporaryName(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12)
  return `.reuseport-inspector-${digest}-${randomBytes(6).toString('hex')}.part`
}

/** Removes what a kill left in a folder: files of this user, of our names, which nobody writes to any more. Never fails. */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    if (!NAME.test(name)) continue
    const path = join(folder, name)
    const status = await lstat(path).catch(() => null)
    if (!status?.isFile() || status.uid !== process.geteuid?.()) continue
    if (Date.now() - status.mtimeMs > ABANDONED_MS) await rm(path, { force: true }).catch(() => undefined)
  }
}
