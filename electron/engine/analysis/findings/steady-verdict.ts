/**
 * Debounces the severity of a finding. A higher one applies at once, a lower one only after `calm` examinations in a
 * row, as in hysteresis.ts, so that a queue that overflows in bursts does not flap between severities. Until then the
 * previous verdict stands.
 */
import type { Verdict } from './rule.ts'

const RANKS = { info: 1, warning: 2, critical: 3 } as const

export class SteadyVerdict {
  readonly #calm: number
  #standing: Verdict | null = null
  #slot = Number.NEGATIVE_INFINITY
  /** Examinations in a row with a milder verdict, or none. */
  #milder = 0

  constructor(calm: number) {
    this.#calm = calm
  }

  get standing(): Verdict | null {
    return this.#standing
  }

  /** Whether the severity may drop soon. */
  get unsettled(): boolean {
    return this.#milder > 0
  }

  /** Adds the verdict of one examination; those within one slot count as one. Returns the verdict that stands. */
  look(said: Verdict | null, slot: number): Verdict | null {
    const fresh = slot !== this.#slot
    this.#slot = slot
    if (rank(said) >= rank(this.#standing)) {
      this.#milder = 0
      this.#standing = said
      return said
    }
    if (fresh) this.#milder++
    if (said !== null && this.#milder >= this.#calm) {
      this.#milder = 0
      this.#standing = said
    }
    return this.#standing
  }
}

function rank(verdict: Verdict | null): number {
  return verdict === null ? 0 : RANKS[verdict.severity]
}
