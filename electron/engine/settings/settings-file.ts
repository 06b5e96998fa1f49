/** Settings in a file. */
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { Settings } from '../../contract/settings.ts'
import { reasonOf } from '../common/system-error.ts'
import { removeAbandoned } from '../common/temporary-files.ts'
import { replaceFile } from '../common/whole-file.ts'
import type { SettingsStore } from './settings-store.ts'

/** Meaningful settings are far smaller. */
const MAX_BYTES = 4 << 20

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
    write: (settings) => replaceFile(path, `${JSON.stringify(settings, null, 2)}\n`),
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
    if (code !== 'ENOENT')
      report(`The settings in ${path} cannot be read: ${reasonOf(error).cause}; the defaults are used.`)
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
    report(`The settings in ${path} are damaged and cannot be moved: ${reasonOf(error).cause}; the defaults are used.`)
  }
}
