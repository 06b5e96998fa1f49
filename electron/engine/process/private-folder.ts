/** A folder that only this user can change, for code that this program unpacks and runs. */
import { lstatSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { EngineError } from '../common/errors.ts'

/**
 * The first of the places where `use`, given the folder, succeeds. Throws an EngineError that says for each place what
 * `use` threw. `operation`: for that error.
 */
export function inPrivateFolder<T>(
  use: (folder: string) => T,
  places = privatePlaces(),
  operation = 'unpacking the parts of this program',
): T {
  const refusals: string[] = []
  for (const folder of places) {
    try {
      makePrivate(folder)
      return use(folder)
    } catch (error) {
      refusals.push(`${folder} (${error instanceof Error ? error.message : String(error)})`)
    }
  }
  throw new EngineError('SERVICE_UNAVAILABLE', {
    operation,
    cause: `no folder can be written and executed: ${refusals.join(', ')}`,
    hint: 'Set XDG_CACHE_HOME to one.',
  })
}

/** In order: the cache (XDG Base Directory Specification), then folders that end with the login or the boot. */
export function privatePlaces(environment: NodeJS.ProcessEnv = process.env, home = homedir()): string[] {
  const configured = environment.XDG_CACHE_HOME
  const uid = process.geteuid?.() ?? 0
  return [
    join(configured?.startsWith('/') ? configured : join(home, '.cache'), 'reuseport-inspector'),
    `/run/user/${uid}/reuseport-inspector`,
    ...['/var/tmp', '/tmp', '/dev/shm'].map((folder) => join(folder, `reuseport-inspector-${uid}`)),
  ]
}

/** Makes the folder if needed. Throws where another user could change what is in it, or replace it. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const own = lstatSync(folder)
  const uid = process.geteuid?.()
  if (!own.isDirectory() || own.uid !== uid || (own.mode & 0o077) !== 0) throw new Error('not private')
  for (let above = dirname(folder); ; above = dirname(above)) {
    const { uid: owner, mode } = lstatSync(above)
    // In a folder with the sticky bit, others cannot rename what is ours (unlink(2)).
    const open = (mode & 0o022) !== 0 && (mode & 0o1000) === 0
    if ((owner !== 0 && owner !== uid) || open) throw new Error(`another user can replace it in ${above}`)
    if (above === dirname(above)) return
  }
}
