/** Where settings are stored between runs. */
import type { Settings } from '../../contract/settings.ts'

export interface SettingsStore {
  /**
   * The stored settings, or the defaults where there are none or the file is damaged; a damaged file is set aside, not
   * overwritten.
   */
  read(): Settings
  /**
   * Replaces what is stored, completely or not at all. Throws with the system's code (ENOSPC, EROFS, EACCES) on
   * failure.
   */
  write(settings: Settings): void
}

/** Keeps settings in memory only: for a front that must leave no trace, such as a single terminal command. */
export function memorySettings(initial: Settings): SettingsStore {
  let current = initial
  return {
    read: () => current,
    write: (next) => {
      current = next
    },
  }
}
