/**
 * Settings in a file. Written here and not by `conf`, which ignores a short write (measured on a full tmpfs: 4096 of
 * 20,000 bytes, renamed into place, no error): a full disk must not destroy anyone's settings.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Settings } from '../contract/settings.ts'
import type { SettingsStore } from './settings-store.ts'
import { removeAbandoned, temporaryName } from './temporary-files.ts'

/** Meaningful settings are far smaller. */
const MAX_BYTES = 4 << 20

/**
 * `$XDG_CONFIG_HOME/reuseport-inspector/settings.json` (XDG Base Directory Specification): one file for window and
 * browser.
 */
export function settingsPath(environment: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  return join(configFolder(environment, home), 'settings.json')
}

/** The folder of everything that is stored. A relative XDG_CONFIG_HOME is invalid by the specification, and ignored. */
export function configFolder(environment: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  const configured = environment.XDG_CONFIG_HOME
  const base = configured?.startsWith('/') ? configured : join(home, '.config')
  return join(base, 'reuseport-inspector')
}

/** Messages for the user; the file is safe either way. */
export type SettingsFileReport = (message: string) => void

/**
 * Keeps settings in the file at `path`. A file that is not JSON, or has invalid settings, is renamed to
 * `settings.damaged-TIME.json` and the defaults are used. Where it cannot be read or moved, `report` is called.
 */
export function fileSettings(path: string, report: SettingsFileReport = () => {}): SettingsStore {
  void removeAbandoned(dirname(path))
  return {
    read: () => {
      const text = readText(path, report)
      if (text === null) return Settings.parse({})
      const settings = Settings.safeParse(parseJson(text))
      if (settings.success) return settings.data
      setAside(path, report)
      return Settings.parse({})
    },
    write: (settings) => writeWhole(path, `${JSON.stringify(settings, null, 2)}\n`),
  }
}

/**
 * Replaces the file at `path`, completely or not at all: written beside it, flushed, then renamed over it (rename(2)).
 * Throws with the system's code.
 */
export function writeWhole(path: string, text: string): void {
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

function readText(path: string, report: SettingsFileReport): string | null {
  try {
    // Without waiting for a writer where it is a FIFO.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const status = fstatSync(file)
      // For a directory, the read reports EISDIR.
      if (status.isDirectory() || (status.isFile() && status.size <= MAX_BYTES)) return readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
    report(`The settings in ${path} cannot be read (not a regular file, or too large); the defaults are used.`)
    return null
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') report(`The settings in ${path} cannot be read (${code}); the defaults are used.`)
    return null
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function setAside(path: string, report: SettingsFileReport): void {
  const aside = path.replace(/(\.json)?$/, `.damaged-${new Date().toISOString().replaceAll(':', '')}.json`)
  try {
    renameSync(path, aside)
    report(`The settings in ${path} are damaged; the file is kept as ${aside} and the defaults are used.`)
  } catch (error) {
    report(
      `The settings in ${path} are damaged and cannot be moved (${(error as NodeJS.ErrnoException).code}); the defaults are used.`,
    )
  }
}
