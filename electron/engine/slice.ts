/** Work of many steps on the engine's only thread, in pieces: between two of them the loop has a turn. */
import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 2

/** Some milliseconds of the thread, from when it is made. */
export class Slice {
  #until = performance.now() + SLICE_MS

  get over(): boolean {
    return performance.now() > this.#until
  }

  /** Resolves after a turn of the loop, with a new slice. */
  async next(): Promise<void> {
    await setImmediate()
    this.#until = performance.now() + SLICE_MS
  }
}
