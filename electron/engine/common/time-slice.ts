/** Splits long work on the engine's only thread: the event loop has a turn between two slices. */
import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 2

/** Some milliseconds of the thread, starting at construction. */
export class TimeSlice {
  #until = performance.now() + SLICE_MS

  get expired(): boolean {
    return performance.now() > this.#until
  }

  /** Resolves after a turn of the event loop, with a new slice. */
  async next(): Promise<void> {
    await setImmediate()
    this.#until = performance.now() + SLICE_MS
  }
}
