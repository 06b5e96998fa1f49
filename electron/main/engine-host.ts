/** The engine's process, seen from the main process: started when a page needs it, again when it died, not for ever. */
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron'
import type { Problem } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { type EngineArguments, EngineReport } from './engine-messages.ts'
import { describeExit } from './exit-status.ts'
import { RestartBudget } from './restart-budget.ts'

export type EngineHostOptions = EngineArguments & {
  /** The built `engine-process.cjs`. */
  readonly modulePath: string
  readonly onTheme: (theme: Settings['theme']) => void
  /** It ended by itself: every port that `connect` gave is dead. */
  readonly onEnd: (problem: Problem) => void
}

export class EngineHost {
  readonly #options: EngineHostOptions
  readonly #budget = new RestartBudget(5, 60_000)
  #process: UtilityProcess | null = null
  #failure: Problem | null = null
  #closed = false

  constructor(options: EngineHostOptions) {
    this.#options = options
  }

  /** One end of a new channel to the engine, started where none runs; or why there is no engine. */
  connect(): MessagePortMain | Problem {
    if (this.#closed) return CLOSING
    if (this.#process === null && !this.#budget.take(Date.now())) return this.#failure ?? STOPPED_TOO_OFTEN
    this.#process ??= this.#start()
    const { port1, port2 } = new MessageChannelMain()
    this.#process.postMessage(null, [port1])
    return port2
  }

  /** Ends the engine, for good: a page that loses its port asks for another while its window closes. */
  close(): void {
    this.#closed = true
    this.#process?.kill()
    this.#process = null
  }

  #start(): UtilityProcess {
    this.#failure = null
    const { addonPath, settingsPath, modulePath, onTheme, onEnd } = this.#options
    const child = utilityProcess.fork(modulePath, [JSON.stringify({ addonPath, settingsPath })], {
      serviceName: 'Reuseport Inspector engine',
      stdio: 'inherit',
    })
    child.on('message', (message: unknown) => {
      const told = EngineReport.safeParse(message)
      if (!told.success) return
      if (told.data.type === 'theme') onTheme(told.data.theme)
      else {
        this.#failure = told.data.problem
        child.kill()
      }
    })
    // It exits after this. Unheard, it would be an uncaught exception of the main process.
    child.on('error', (_type, location) => {
      this.#failure = stopped(`V8 gave it up in ${location}`)
    })
    child.on('exit', (code) => {
      if (this.#process !== child) return
      this.#process = null
      onEnd(this.#failure ?? stopped(describeExit(code)))
    })
    return child
  }
}

function stopped(how: string): Problem {
  return {
    asked: 'the engine',
    happened: `it stopped (${how})`,
    remedy: 'It is started again when the page connects again.',
  }
}

const CLOSING: Problem = { asked: 'the engine', happened: 'the application is closing', remedy: null }

const STOPPED_TOO_OFTEN: Problem = {
  asked: 'to start the engine',
  happened: 'it stopped several times within a minute',
  remedy: 'Wait a minute and try again. What it wrote before it stopped is on the standard error of this program.',
}
