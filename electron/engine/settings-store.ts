/** Where settings are kept between two starts. */
import type { Settings } from '../contract/settings.ts'

export interface SettingsStore {
  /** What is stored, or the defaults where nothing is or the file is damaged; a damaged file is set aside, not overwritten. */
  read(): Settings
  /** Replaces what is stored, whole or not at all. Throws with the system's code (ENOSPC, EROFS, EACCES) where that fails. */
  write(settings: Settings): void
}

/** Keeps settings in memory only: for a front that must leave no trace, as a single terminal command. */
export function memorySettings(initial: Settings): SettingsStore {
  let current = initial
  return {
    read: () => current,
    write: (next) => {
      current = next
    },
  }
}
