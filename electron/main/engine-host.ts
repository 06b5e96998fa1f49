/**
 * Manages the engine's process from the main process: starts it on demand, and restarts it a limited number of times.
 */
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron'
import type { PeerName } from '../contract/channels.ts'
import type { Problem } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { type EngineArguments, EngineReport, type PortMessage } from './engine-messages.ts'
import { describeExit } from './exit-status.ts'
import { RestartBudget } from './restart-budget.ts'

export type EngineHostOptions = EngineArguments & {
  /** The built `engine-process.cjs`. */
  readonly modulePath: string
  readonly onTheme: (theme: Settings['theme']) => void
  /** The engine exited by itself: every port from `connect` is closed. */
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

  /**
   * One end of a new channel to `peer`, through the engine's process, which is started if needed; or why there is none.
   * Where there is no such peer, the channel is closed at once.
   */
  connect(peer: PeerName): MessagePortMain | Problem {
    if (this.#closed) return APP_CLOSING
    if (this.#process === null && !this.#budget.take(Date.now())) return this.#failure ?? STOPPED_TOO_OFTEN
    this.#process ??= this.#start()
    const { port1, port2 } = new MessageChannelMain()
    this.#process.postMessage({ peer } satisfies PortMessage, [port1])
    return port2
  }

  /** Ends the engine permanently: a page that loses its port requests another while its window closes. */
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
    // The process exits after this. Without a listener it would be an uncaught exception of the main process.
    child.on('error', (_type, location) => {
      this.#failure = stopped(`V8 fatal error in ${location}`)
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
    operation: 'keep the engine running',
    cause: `it stopped (${how})`,
    hint: 'It restarts when the page reconnects.',
  }
}

const APP_CLOSING: Problem = { operation: 'start the engine', cause: 'the application is closing', hint: null }

const STOPPED_TOO_OFTEN: Problem = {
  operation: 'start the engine',
  cause: 'it stopped several times within a minute',
  hint: 'Wait a minute and try again. Its last output is on the standard error of this program.',
}
