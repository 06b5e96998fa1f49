/**
 * Debounces the severity of a finding. A higher one applies at once, a lower one only after `calm` examinations in a
 * row, as in hysteresis.ts, so that a queue that overflows in bursts does not flap between severities. Until then the
 * previous verdict stands.
 */
import type { Verdict } from './rule.ts'

const RANKS = { info: 1, warning: 2, critical: 3 } as const

export class SeverityDebounce {
  readonly #clearAfter: number
  #current: Verdict | null = null
  #slot = Number.NEGATIVE_INFINITY
  /** Examinations in a row with a milder verdict, or none. */
  #milder = 0

  constructor(calm: number) {
    this.#clearAfter = calm
  }

  get current(): Verdict | null {
    return this.#current
  }

  /** Whether the severity may drop soon. */
  get pending(): boolean {
    return this.#milder > 0
  }

  /** Adds the verdict of one examination; those within one slot count as one. Returns the verdict that stands. */
  update(said: Verdict | null, slot: number): Verdict | null {
    const fresh = slot !== this.#slot
    this.#slot = slot
    if (rank(said) >= rank(this.#current)) {
      this.#milder = 0
      this.#current = said
      return said
    }
    if (fresh) this.#milder++
    if (said !== null && this.#milder >= this.#clearAfter) {
      this.#milder = 0
      this.#current = said
    }
    return this.#current
  }
}

function rank(verdict: Verdict | null): number {
  return verdict === null ? 0 : RANKS[verdict.severity]
}
