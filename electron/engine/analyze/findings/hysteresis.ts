import type { Debounce } from './rule.ts'

/**
 * Keeps a finding from flapping: it is raised after its condition held in k of the last n examinations, and cleared
 * after m examinations in a row without it. Examinations within one time slot count as one.
 */
export class Hysteresis {
  raised = false
  readonly #hits: number
  readonly #of: number
  readonly #clearAfter: number
  #slot = Number.NEGATIVE_INFINITY
  /** Results of the last examinations, the newest in the lowest bit. */
  #history = 0
  #misses = 0

  constructor({ hits, of, clearAfter }: Debounce) {
    this.#hits = hits
    this.#of = of
    this.#clearAfter = clearAfter
  }

  /** Adds the result of one examination; true if `raised` changed. */
  update(holds: boolean, slot: number): boolean {
    const fresh = slot !== this.#slot
    this.#slot = slot
    if (fresh) {
      this.#history = ((this.#history << 1) | (holds ? 1 : 0)) & ((1 << this.#of) - 1)
      this.#misses = holds ? 0 : this.#misses + 1
    } else if (holds) {
      this.#history |= 1
      this.#misses = 0
    }
    const before = this.raised
    if (!this.raised && count(this.#history) >= this.#hits) this.raised = true
    else if (this.raised && this.#misses >= this.#clearAfter) this.raised = false
    return this.raised !== before
  }

  /** Whether it holds nothing that the next examination needs. */
  get idle(): boolean {
    return !this.raised && this.#history === 0
  }
}

function count(bits: number): number {
  let ones = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) ones++
  return ones
}
