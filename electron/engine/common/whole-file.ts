/**
 * Small files, written completely or not at all. Written here and not by `conf`, which ignores a short write (measured
 * on a full tmpfs: 4096 of 20,000 bytes, renamed into place, no error): a full disk must not destroy anyone's settings.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { temporaryName } from './temporary-files.ts'

/**
 * Replaces the file at `path`, completely or not at all: written beside it, flushed, then renamed over it (rename(2)).
 * Throws with the system's code.
 */
export function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = join(dirname(path), temporaryName(basename(path)))
  try {
    // Never an existing one: it could be another user's link.
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
