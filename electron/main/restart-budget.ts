/** Limits automatic restarts after crashes, before the user is asked. */
export class RestartBudget {
  readonly #most: number
  readonly #withinMs: number
  #taken: number[] = []

  /** At most `most` within any `withinMs` milliseconds. */
  constructor(most: number, withinMs: number) {
    this.#most = most
    this.#withinMs = withinMs
  }

  /** Takes one attempt at `now` (milliseconds); false if none is left. */
  take(now: number): boolean {
    this.#taken = this.#taken.filter((at) => now - at < this.#withinMs)
    if (this.#taken.length >= this.#most) return false
    this.#taken.push(now)
    return true
  }

  /** Restores all attempts, when the user asks for another. */
  reset(): void {
    this.#taken = []
  }
}
