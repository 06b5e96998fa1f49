/** How often something that crashed is started again by itself, before a person is asked. */
export class RestartBudget {
  readonly #most: number
  readonly #withinMs: number
  #taken: number[] = []

  /** At most `most` within any `withinMs` milliseconds. */
  constructor(most: number, withinMs: number) {
    this.#most = most
    this.#withinMs = withinMs
  }

  /** True, and one taken, where another try is left at `now` (milliseconds). */
  take(now: number): boolean {
    this.#taken = this.#taken.filter((at) => now - at < this.#withinMs)
    if (this.#taken.length >= this.#most) return false
    this.#taken.push(now)
    return true
  }

  /** Somebody wants it tried anew. */
  reset(): void {
    this.#taken = []
  }
}
