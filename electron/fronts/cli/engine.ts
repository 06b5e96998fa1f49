/** Starts the engine inside this process, for as long as a command runs. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Engine } from '../../engine/engine.ts'
import { Failure } from './failure.ts'

/** Starts it with settings in memory: a terminal command leaves no trace. Throws a Failure where it cannot start. */
export async function startTerminalEngine(): Promise<Engine> {
  const addonPath = findAddon()
  const [{ startEngine }, { memorySettings }, { Settings }] = await Promise.all([
    import('../../engine/engine.ts'),
    import('../../engine/settings-store.ts'),
    import('../../contract/settings.ts'),
  ])
  return startEngine({ addonPath, settings: memorySettings(Settings.parse({})) })
}

/**
 * The built addon: beside this file's own package in a checkout, in the resources folder of a packaged application.
 * Throws a Failure where none is found.
 */
function findAddon(): string {
  if (process.platform !== 'linux') {
    throw new Failure(
      `Sockets are read through Linux's sock_diag, and this is ${process.platform}. Run it on the Linux machine whose sockets you want to see.`,
    )
  }
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    for (const place of ['native/build/Release/reuseport.node', 'reuseport.node']) {
      const path = join(folder, place)
      if (existsSync(path)) return path
    }
    if (folder === dirname(folder)) break
  }
  throw new Failure('The native part is not built. Run `npm run build:native` in the checkout and try again.')
}
