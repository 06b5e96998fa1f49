/** Splits long work on the engine's only thread: the event loop has a turn between two slices, whosever they are. */

const SLICE_MS = 2

/** Some milliseconds of the thread, starting at construction. */
export class TimeSlice {
  #until = performance.now() + SLICE_MS

  get expired(): boolean {
    return performance.now() > this.#until
  }

  /** Resolves after a turn of the event loop, with a new slice: one of all that wait in a turn, in order. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(resumeFirst)
    })
    this.#until = performance.now() + SLICE_MS
  }
}

/** Node runs every immediate that is due in the same turn: several long works would block it for the sum. */
const waiting: (() => void)[] = []

function resumeFirst(): void {
  const resume = waiting.shift()
  if (waiting.length > 0) setImmediate(resumeFirst)
  resume?.()
}
