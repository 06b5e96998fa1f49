/** The connection to one host: connects, asks the user what ssh asks, and connects again when the link is lost. */
import type { ConnectFailure, HostAbout, HostConnection, HostState } from '../../contract/hosts.ts'
import { type Engine, EngineError, type FarView } from '../../engine/index.ts'
import type { Attempt, Carrier } from '../carrier/carrier.ts'
import { type StartedEngine, startFarEngine } from '../carrier/start-far-engine.ts'
import { mustNotRepeat } from '../carrier/why-not-connected.ts'
import type { Pulse } from '../wire/link.ts'
import { connectionLost, Unreachable } from '../wire/unreachable.ts'
import { Askpass } from './askpass.ts'
import { ConnectSteps } from './connect-steps.ts'
import { Questions } from './questions.ts'

export type HostLinkOptions = {
  readonly name: string
  /** The command that reaches it; null for ssh. */
  readonly via: string | null
  /** How to reach it. */
  readonly carrier: (attempt: Attempt) => Carrier
  readonly near: Pick<Engine, 'showing'>
  /** Only the user connects it, also after it was lost: it asks for more permissions. */
  readonly byUserOnly: boolean
  /** Something that `connection` tells has changed. */
  readonly onChange: () => void
  /** It was connected. */
  readonly onConnected: () => void
}

/** What a page's channel to the host reaches. */
export type Session = { readonly view: FarView; readonly ended: Promise<void> }

/** Between attempts: often at first, because most links return soon. An attempt without a link reaches no one. */
const RETRY_MS = [500, 1000, 2000]
/** After this many attempts, it is tried less often. */
const OFTEN = 150
const SELDOM_MS = 15_000
/** Progress of sending is reported this often. */
const PROGRESS_MS = 250

export class HostLink {
  readonly name: string
  readonly #options: HostLinkOptions
  readonly #questions: Questions
  #state: HostState = { phase: 'connecting', steps: [], question: null }
  #since = new Date()
  #about: HostAbout | null = null
  #session: Session | null = null
  #attempt: AbortController | null = null
  #retry: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #reportedAt = 0
  #closed = false

  /** Starts connecting at once. */
  constructor(options: HostLinkOptions) {
    this.name = options.name
    this.#options = options
    this.#questions = new Questions(() => this.#showQuestion())
    this.#begin(true)
  }

  get connection(): HostConnection {
    const { name, via } = this.#options
    return { name, via, since: this.#since.toISOString(), state: this.#state, about: this.#about }
  }

  /** null while it is not connected. */
  get session(): Session | null {
    return this.#session
  }

  /** Connects now, unless it is connected or connecting. */
  connect(): void {
    const { phase } = this.#state
    if (this.#closed || phase === 'connected' || phase === 'connecting') return
    this.#attempt?.abort(CANCELED)
    this.#begin(true)
  }

  /** Whether the question was asked. */
  answer(question: string, text: string | null): boolean {
    return this.#questions.answer(question, text)
  }

  /** Ends the connection or the attempt; resolves when nothing of it is left here. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#attempt?.abort(CANCELED)
    this.#questions.cancelAll()
    await this.#running
  }

  #begin(byUser: boolean): void {
    clearTimeout(this.#retry)
    const before = this.#running
    const attempt = new AbortController()
    this.#attempt = attempt
    if (byUser) this.#set({ phase: 'connecting', steps: [], question: null })
    this.#running = before.then(() => this.#run(attempt.signal, byUser))
  }

  /** One attempt, and the connection until its end. Never rejects. */
  async #run(signal: AbortSignal, byUser: boolean): Promise<void> {
    if (signal.aborted) return
    const steps = new ConnectSteps()
    const showSteps = () => {
      if (byUser && !signal.aborted)
        this.#set({ phase: 'connecting', steps: steps.list, question: this.#questions.current })
    }
    let asked = false
    try {
      const askpass = new Askpass((question) => {
        asked ||= question.kind !== 'notice'
        return byUser ? this.#questions.ask(question) : Promise.resolve(null)
      })
      let started: StartedEngine
      try {
        showSteps()
        started = await startFarEngine(this.#options.carrier(byUser ? 'first' : this.#again()), {
          signal,
          environment: { ...process.env, ...askpass.environment },
          onStep: (step) => {
            steps.take(step)
            this.#questions.dropNotices()
            if (step.step !== 'send' || this.#isTimeToReport()) showSteps()
          },
        })
      } finally {
        this.#questions.cancelAll()
        askpass.close()
      }
      await this.#serve(started, steps, showSteps, signal)
    } catch (error) {
      if (!signal.aborted) this.#failed(toFailure(error), byUser, asked)
    }
  }

  #isTimeToReport(): boolean {
    const now = performance.now()
    if (now - this.#reportedAt < PROGRESS_MS) return false
    this.#reportedAt = now
    return true
  }

  /** Serves the host until the connection ends. Rejects where its first answers do not come. */
  async #serve(started: StartedEngine, steps: ConnectSteps, showSteps: () => void, signal: AbortSignal): Promise<void> {
    const { engine } = started
    const end = () => engine.end()
    signal.addEventListener('abort', end, { once: true })
    let pulse: Pulse | null = null
    engine.onPulse = (latest) => {
      pulse = latest
      if (this.#state.phase === 'connected') this.#set({ phase: 'connected', ...latest }, this.#since)
    }
    try {
      steps.reading()
      showSteps()
      const client = engine.client()
      const { host, engine: program } = await client.machine.about()
      const view = await this.#options.near.showing(client, host.bootId)
      steps.end()
      this.#about = { host, engine: program, program: steps.program, connectedInMs: steps.totalMs }
      this.#session = { view, ended: engine.ended.then(() => undefined) }
      this.#set({ phase: 'connected', ...(pulse ?? { roundTripMs: null, clockAheadMs: null }) })
      this.#options.onConnected()
      const reason = await engine.ended
      this.#session = null
      if (!signal.aborted) this.#lost({ problem: connectionLost(reason).problem, said: null })
      await view.close()
    } finally {
      signal.removeEventListener('abort', end)
      await started.close()
    }
    const said = started.messages()
    // What ssh said may come after the end of the stream.
    if (said !== '' && this.#state.phase === 'lost')
      this.#set({ ...this.#state, failure: { ...this.#state.failure, said } }, this.#since)
  }

  #again(): Attempt {
    return { tookMs: this.#about?.connectedInMs ?? 0 }
  }

  #lost(failure: ConnectFailure): void {
    const needsUser = this.#options.byUserOnly
    this.#set({ phase: 'lost', failure, retryAt: null, needsUser, attempts: 0 })
    if (!needsUser) this.#retryLater()
  }

  #failed(failure: ConnectFailure, byUser: boolean, asked: boolean): void {
    if (byUser && this.#about === null) {
      this.#set({ phase: 'failed', failure })
      return
    }
    const attempts = this.#state.phase === 'lost' ? this.#state.attempts + 1 : 1
    const needsUser = byUser || asked || mustNotRepeat(failure.said ?? '')
    this.#set({ phase: 'lost', failure, retryAt: null, needsUser, attempts }, this.#since)
    if (!needsUser) this.#retryLater()
  }

  #retryLater(): void {
    if (this.#state.phase !== 'lost' || this.#closed) return
    const { attempts } = this.#state
    const delay = attempts >= OFTEN ? SELDOM_MS : (RETRY_MS[attempts] ?? RETRY_MS.at(-1) ?? SELDOM_MS)
    this.#set({ ...this.#state, retryAt: new Date(Date.now() + delay).toISOString() }, this.#since)
    this.#retry = setTimeout(() => {
      if (this.#state.phase === 'lost') this.#set({ ...this.#state, retryAt: null }, this.#since)
      this.#begin(false)
    }, delay)
    this.#retry.unref()
  }

  #showQuestion(): void {
    if (this.#state.phase === 'connecting')
      this.#set({ ...this.#state, question: this.#questions.current }, this.#since)
  }

  #set(state: HostState, since?: Date): void {
    const begins = since === undefined && state.phase !== this.#state.phase
    this.#state = state
    this.#since = since ?? (begins ? new Date() : this.#since)
    this.#options.onChange()
  }
}

const CANCELED = new Error('canceled')

function toFailure(error: unknown): ConnectFailure {
  if (error instanceof Unreachable) return { problem: error.problem, said: error.said }
  if (error instanceof EngineError) return { problem: error.problem, said: null }
  const cause = error instanceof Error ? error.message : String(error)
  return { problem: { operation: 'reading the host', cause, hint: null }, said: null }
}
