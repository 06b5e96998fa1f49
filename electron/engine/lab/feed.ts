/** The stream of the lab: all of it, whenever something of it moved. */
import { setTimeout as pause } from 'node:timers/promises'
import type { LabChange } from '../../contract/lab.ts'
import type { Labs } from './labs.ts'
import type { RecipeRuns } from './recipes/runs.ts'

/** Four times a second: what a person can follow, and what the programs are asked for at most. */
const INTERVAL_MS = 250
/** Thousands of members take longer to tell of, and are told of less often: so many times as long as it takes. */
const REST = 10

export class LabFeed {
  readonly #labs: Labs
  readonly #runs: RecipeRuns
  readonly #epoch: string
  #revision = 0
  #newest = ''
  #change: Omit<LabChange, 'position'> = { labs: [], ended: [], run: null }
  #reading: Promise<void> | null = null
  /** When the next reading may begin. */
  #due = Number.NEGATIVE_INFINITY
  readonly #closing = new AbortController()

  constructor(labs: Labs, runs: RecipeRuns, epoch: string) {
    this.#labs = labs
    this.#runs = runs
    this.#epoch = epoch
  }

  /** Answers as soon as there is something else than at `after`. Rejects when the reader leaves, or the engine ends. */
  async changes(after: string | undefined, signal: AbortSignal | undefined): Promise<LabChange> {
    const closing = this.#closing.signal
    const left = signal === undefined ? closing : AbortSignal.any([signal, closing])
    for (;;) {
      await this.#read(left)
      const position = `${this.#epoch}.${this.#revision}`
      if (position !== after) return { position, ...this.#change }
    }
  }

  /** Ends all waiting questions. */
  close(): void {
    this.#closing.abort(new Error('the inspector is ending'))
  }

  /** One reading for all who wait, and none sooner than an interval after the last. Without a reader nothing is asked. */
  async #read(signal: AbortSignal): Promise<void> {
    const wait = this.#due - performance.now()
    if (wait > 0) await pause(wait, undefined, { signal })
    signal.throwIfAborted()
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = null
    })
    await this.#reading
  }

  async #readNow(): Promise<void> {
    const began = performance.now()
    const labs = await this.#labs.list()
    const change = { labs, ended: [...this.#labs.ended], run: this.#runs.current }
    const text = JSON.stringify(change)
    const now = performance.now()
    this.#due = now + Math.max(INTERVAL_MS, REST * (now - began))
    if (text === this.#newest) return
    this.#newest = text
    this.#change = change
    this.#revision++
  }
}
