/** Something that goes on for as long as it is asked for again, and a while longer. */

export class Lease {
  readonly #onEnd: () => void
  #timer: NodeJS.Timeout | null = null
  #until = Number.NEGATIVE_INFINITY

  /** `onEnd` is called when the time is over, not by `end`. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  get active(): boolean {
    return this.#timer !== null
  }

  /** From now for at least this long. Does not keep the process alive. */
  extend(forMs: number): void {
    this.#until = Math.max(this.#until, performance.now() + forMs)
    this.#timer ??= this.#wait()
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#until = Number.NEGATIVE_INFINITY
  }

  #wait(): NodeJS.Timeout {
    const timer = setTimeout(
      () => {
        if (performance.now() < this.#until) {
          this.#timer = this.#wait()
          return
        }
        this.end()
        this.#onEnd()
      },
      Math.max(0, this.#until - performance.now()),
    )
    return timer.unref()
  }
}
