/**
 * The engine's clock: reads while there are readers, never twice at once, and lets readers wait for a newer frame than
 * they have. Without readers nothing is read, unless the engine remembers what happens meanwhile.
 */
import type { Problem } from '../../contract/errors.ts'
import type { SamplerStatus } from '../../contract/live.ts'
import type { Shortfall } from '../../contract/model.ts'
import type { Collector, CollectResult } from './collector.ts'
import { type FrameRequest, WATCHED_FRAME } from './frame-request.ts'
import type { FrameView } from './frame-view.ts'
import { problemOfError, problemOfShortfall } from './problems.ts'

/** A refresh may take this share of the interval; slow refreshes lengthen it. */
const REFRESH_SHARE = 0.1
/** A request without news is answered after this time, so that the reader knows that the engine is alive. */
const HEARTBEAT_MS = 5000
/** A reader without a request for this many intervals counts as gone. */
const IDLE_INTERVALS = 3

export class Sampler {
  readonly #collector: Collector
  #requestedIntervalMs: number
  /** Whether it also reads while no one is watching. */
  #always = false
  #paused = false
  #lastRequestAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null
  /** Serializes everything that touches the reader. */
  #turn: Promise<unknown> = Promise.resolve()
  #durationMs = 0
  #problem: Problem | null = null
  #shortfalls: readonly Shortfall[] = []
  readonly #waiting = new Set<() => void>()
  #closed = false
  #readEndedAt = 0

  constructor(collector: Collector, intervalMs: number) {
    this.#collector = collector
    this.#requestedIntervalMs = intervalMs
  }

  set intervalMs(value: number) {
    this.#requestedIntervalMs = value
    this.#reschedule()
  }

  /** From now on it reads even while no one is watching: what happens then is remembered. */
  readAlways(): void {
    this.#always = true
    this.#reschedule()
  }

  /** What is missing from the newest frame. */
  get shortfalls(): readonly Shortfall[] {
    return this.#shortfalls
  }

  get state(): SamplerStatus {
    const frame = this.#collector.frame
    return {
      refresh: frame?.refresh ?? 0,
      takenAt: frame?.takenAt.toISOString() ?? null,
      durationMs: Math.round(10 * this.#durationMs) / 10,
      intervalMs: this.#intervalMs(),
      requestedIntervalMs: this.#requestedIntervalMs,
      paused: this.#paused,
      problem: this.#problem,
    }
  }

  pause(paused: boolean): void {
    this.#paused = paused
    this.#reschedule()
    this.#wake()
  }

  /** The newest frame; makes the first one. Rejects where there is none because reading fails. */
  async current(): Promise<FrameView> {
    if (this.#closed) throw new Error('the engine is closed')
    this.#lastRequestAt = performance.now()
    if (this.#collector.frame === null) await this.read(WATCHED_FRAME, async () => undefined)
    if (this.#timer === null) this.#reschedule()
    if (this.#collector.frame === null) throw new Error('the engine is closed')
    return this.#collector.frame
  }

  /**
   * Reads once, and passes the frame to `use` before anything else can read: its memory stays valid until `use` is
   * done. All readings are serialized.
   */
  read<T>(request: FrameRequest, use: (reading: CollectResult) => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => use(await this.#read(request)))
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** The same for a caller that takes the frame piece by piece: nothing else is read until it is released. */
  hold(request: FrameRequest): Promise<Disposable & { reading: CollectResult }> {
    return new Promise((resolve, reject) => {
      this.read(request, (reading) => {
        return new Promise<void>((release) => resolve({ reading, [Symbol.dispose]: release }))
      }).catch(reject)
    })
  }

  /** Resolves at the next change of `state`, after the heartbeat, or when the reader leaves. */
  next(signal: AbortSignal | undefined): Promise<void> {
    this.#collector.givenCounts.need()
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', done)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(done, HEARTBEAT_MS)
      signal?.addEventListener('abort', done)
      this.#waiting.add(done)
      if (this.#closed || signal?.aborted) done()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#reschedule()
    this.#wake()
    await this.#turn
  }

  async #read(request: FrameRequest): Promise<CollectResult> {
    if (this.#closed) throw new Error('the engine is closed')
    try {
      const reading = await this.#collector.collect({ ...request, memory: true })
      // The cost of a single request is not the cost of watching.
      if (request.reader === 'watching') this.#durationMs = reading.refreshMs
      this.#shortfalls = reading.shortfalls
      const [first] = reading.shortfalls
      this.#problem = first === undefined ? null : problemOfShortfall(first, this.#collector.namespaces.list())
      return reading
    } catch (error) {
      this.#problem = problemOfError('reading all TCP and UDP sockets', error)
      throw error
    } finally {
      this.#readEndedAt = performance.now()
      this.#wake()
    }
  }

  #intervalMs(): number {
    const needed = this.#durationMs / REFRESH_SHARE
    return Math.max(this.#requestedIntervalMs, Math.ceil(needed / 100) * 100)
  }

  /** Schedules the next reading, or none. */
  #reschedule(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#closed || this.#paused) return
    const elapsed = performance.now() - this.#readEndedAt
    this.#timer = setTimeout(() => void this.#tick(), Math.max(0, this.#intervalMs() - elapsed))
  }

  async #tick(): Promise<void> {
    this.#timer = null
    const watched =
      this.#always ||
      this.#waiting.size > 0 ||
      performance.now() - this.#lastRequestAt < IDLE_INTERVALS * this.#intervalMs()
    if (!watched || this.#paused || this.#closed) return
    await this.read(WATCHED_FRAME, async () => undefined).catch(() => undefined)
    this.#reschedule()
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }
}
