/** Where the settings are. */
import { homedir } from 'node:os'
import { join } from 'node:path'

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
