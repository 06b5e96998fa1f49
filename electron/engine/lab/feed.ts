/** The stream of the lab: all of its state, whenever any of it changed. */
import { setTimeout as pause } from 'node:timers/promises'
import type { LabChange } from '../../contract/lab.ts'
import { linkedAbort } from '../../contract/linked-abort.ts'
import type { Labs } from './labs.ts'
import type { RecipeRuns } from './recipes/runs.ts'

/** Four times per second: as fast as a person can follow, and the most that the programs are asked. */
const INTERVAL_MS = 250
/** How often labs of other programs are looked for while none is open; what starts here is reported at once. */
const IDLE_MS = 2000
/** Thousands of members take longer to report and are reported less often: the pause is this many times as long. */
const REST = 10

export class LabFeed {
  readonly #labs: Pick<Labs, 'list' | 'unresponsive' | 'ended' | 'anyOpen'>
  readonly #runs: Pick<RecipeRuns, 'current' | 'running'>
  readonly #epoch: string
  readonly #idleMs: number
  #revision = 0
  #newest = ''
  #change: Omit<LabChange, 'cursor'> = { labs: [], unresponsive: [], ended: [], run: null }
  #reading: Promise<void> | null = null
  /** When the next reading may start. */
  #due = Number.NEGATIVE_INFINITY
  #pause = new AbortController()
  readonly #closing = new AbortController()

  constructor(
    labs: Pick<Labs, 'list' | 'unresponsive' | 'ended' | 'anyOpen'>,
    runs: Pick<RecipeRuns, 'current' | 'running'>,
    epoch: string,
    quietMs = IDLE_MS,
  ) {
    this.#labs = labs
    this.#runs = runs
    this.#epoch = epoch
    this.#idleMs = quietMs
  }

  /** Answers as soon as the state differs from that at `after`. Rejects when the reader leaves, or the engine ends. */
  async changes(after: string | undefined, signal: AbortSignal | undefined): Promise<LabChange> {
    const left = linkedAbort([...(signal === undefined ? [] : [signal]), this.#closing.signal])
    // A new reader gets the current state, whether it changes or not.
    if (after !== this.#cursor) this.#due = Math.min(this.#due, performance.now() + INTERVAL_MS)
    try {
      for (;;) {
        await this.#read(left.signal)
        if (after !== this.#cursor) return { cursor: this.#cursor, ...this.#change }
      }
    } finally {
      left.release()
    }
  }

  /** Call this when something is opened or started here: it is reported without further delay. */
  wake(): void {
    this.#due = Number.NEGATIVE_INFINITY
    this.#pause.abort()
    this.#pause = new AbortController()
  }

  /** Ends all waiting requests. */
  close(): void {
    this.#closing.abort(new Error('the inspector is shutting down'))
  }

  get #cursor(): string {
    return `${this.#epoch}.${this.#revision}`
  }

  /** One reading for all waiting readers, at least an interval after the last. Without a reader nothing is read. */
  async #read(signal: AbortSignal): Promise<void> {
    const wait = this.#due - performance.now()
    if (wait > 0) {
      const woken = linkedAbort([signal, this.#pause.signal])
      // Both ways to end the pause early continue here: the signal is checked below.
      await pause(wait, undefined, { signal: woken.signal }).catch(() => undefined)
      woken.release()
    }
    signal.throwIfAborted()
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = null
    })
    await this.#reading
  }

  async #readNow(): Promise<void> {
    const began = performance.now()
    const labs = await this.#labs.list()
    const { unresponsive, ended } = this.#labs
    const change = { labs, unresponsive: [...unresponsive], ended: [...ended], run: this.#runs.current }
    const text = JSON.stringify(change)
    const now = performance.now()
    const quiet = !this.#labs.anyOpen && !this.#runs.running
    this.#due = now + (quiet ? this.#idleMs : Math.max(INTERVAL_MS, REST * (now - began)))
    if (text === this.#newest) return
    this.#newest = text
    this.#change = change
    this.#revision++
  }
}
