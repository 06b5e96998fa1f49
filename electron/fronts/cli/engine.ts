/** The engine inside this process, while a command runs. */
import { existsSync } from 'node:fs'
import {
  type Engine,
  type EngineCore,
  installation,
  memorySettings,
  startCore,
  startEngine,
} from '../../engine/index.ts'
import type { Client, CommandEngine, ReportedShortfall } from './context.ts'
import { Failure } from './failure.ts'

/** Starts as much of the engine as the command needs. Settings stay in memory: a terminal command leaves no trace. */
export class TerminalEngine implements CommandEngine {
  #core: Promise<EngineCore> | undefined
  #engine: Promise<Engine> | undefined

  /** Rejects with a Failure where it cannot start. */
  core(): Promise<EngineCore> {
    this.#core ??= startTerminalCore()
    return this.#core
  }

  async connect(): Promise<Client> {
    this.#engine ??= this.core().then(startEngineOn)
    return (await this.#engine).client
  }

  async shortfalls(): Promise<readonly ReportedShortfall[]> {
    return (await this.#core)?.shortfalls() ?? []
  }

  async close(): Promise<void> {
    await (await (this.#engine ?? this.#core))?.close()
  }
}

async function startTerminalCore(): Promise<EngineCore> {
  return startCore({ addonPath: findAddon() })
}

async function startEngineOn(core: EngineCore): Promise<Engine> {
  const { Settings } = await import('../../contract/settings.ts')
  return startEngine({ addonPath: findAddon(), settings: memorySettings(Settings.parse({})) }, core)
}

/** Path of the addon. Throws a Failure where there is none. */
function findAddon(): string {
  if (process.platform !== 'linux') {
    throw new Failure(
      `Sockets are read through Linux's sock_diag, and this is ${process.platform}. Run it on the Linux machine to inspect.`,
    )
  }
  const { addon } = installation()
  if (existsSync(addon)) return addon
  throw new Failure('The native addon is not built. Run `npm run build:native` in the checkout.')
}
