/** The files of the repository, for tests that check all of them. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/**
 * Paths from the root of every file that is committed or about to be, without ignored ones. null outside a git checkout,
 * such as in a source archive.
 */
export function repositoryFiles(): string[] | null {
  // A checkout may belong to another user than the tests, which git refuses by default.
  const options = ['-c', `safe.directory=${root}`, '-C', root]
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { status, stdout } = spawnSync('git', [...options, ...list], { encoding: 'utf8' })
  if (status !== 0) return null
  // A deleted file is listed until the deletion is staged.
  return stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
}
