/**
 * What a finding says from look to look. Worse is believed at once; milder only after `calm` looks in a row, as with
 * hysteresis.ts, so that a queue that overflows in bursts is not critical and harmless by turns. Until then it stands as
 * it was last said.
 */
import type { Verdict } from './rule.ts'

const RANKS = { info: 1, warning: 2, critical: 3 } as const

export class SteadyVerdict {
  readonly #calm: number
  #standing: Verdict | null = null
  #slot = Number.NEGATIVE_INFINITY
  /** Looks in a row that said something milder, or nothing. */
  #milder = 0

  constructor(calm: number) {
    this.#calm = calm
  }

  get standing(): Verdict | null {
    return this.#standing
  }

  /** It may become milder at one of the next looks. */
  get unsettled(): boolean {
    return this.#milder > 0
  }

  /** Takes what one look says; looks of one slot count as one. Gives what stands. */
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
