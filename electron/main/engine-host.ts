/** The engine's process, seen from the main process: started when a page needs it, again when it died, not for ever. */
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron'
import type { Problem } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { type EngineArguments, EngineReport } from './engine-messages.ts'
import { RestartBudget } from './restart-budget.ts'

export type EngineHostOptions = EngineArguments & {
  /** The built `engine-process.cjs`. */
  readonly modulePath: string
  readonly onTheme: (theme: Settings['theme']) => void
}

export class EngineHost {
  readonly #options: EngineHostOptions
  readonly #budget = new RestartBudget(5, 60_000)
  #process: UtilityProcess | null = null
  #failure: Problem | null = null

  constructor(options: EngineHostOptions) {
    this.#options = options
  }

  /** One end of a new channel to the engine, started where none runs; or why there is no engine. */
  connect(): MessagePortMain | Problem {
    if (this.#process === null && !this.#budget.take(Date.now())) return this.#givenUp()
    this.#process ??= this.#start()
    const { port1, port2 } = new MessageChannelMain()
    this.#process.postMessage(null, [port1])
    return port2
  }

  /** Ends the engine. */
  close(): void {
    this.#process?.kill()
    this.#process = null
  }

  #start(): UtilityProcess {
    const { addonPath, settingsPath, modulePath, onTheme } = this.#options
    const child = utilityProcess.fork(modulePath, [JSON.stringify({ addonPath, settingsPath })], {
      serviceName: 'Reuseport Inspector engine',
      stdio: 'inherit',
    })
    child.on('message', (message: unknown) => {
      const told = EngineReport.safeParse(message)
      if (!told.success) return
      if (told.data.type === 'theme') onTheme(told.data.theme)
      else this.#failure = told.data.problem
    })
    child.on('exit', () => {
      if (this.#process === child) this.#process = null
    })
    return child
  }

  /** A page that asks again is a person who wants it tried, once the minute is over. */
  #givenUp(): Problem {
    return (
      this.#failure ?? {
        asked: 'to start the engine',
        happened: 'it stopped several times within a minute',
        remedy:
          'Wait a minute and try again. What it wrote before it stopped is on the standard error of this program.',
      }
    )
  }
}
