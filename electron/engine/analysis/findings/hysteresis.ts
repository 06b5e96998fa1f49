/**
 * Keeps a finding from flapping: it is raised after its condition held in k of the last n examinations, and cleared
 * after m examinations in a row without it. Examinations within one time slot count as one.
 */
export class Hysteresis {
  raised = false
  readonly #hits: number
  readonly #of: number
  readonly #calm: number
  #slot = Number.NEGATIVE_INFINITY
  /** Results of the last examinations, the newest in the lowest bit. */
  #seen = 0
  #quiet = 0

  constructor(rule: { raise: { hits: number; of: number }; calm: number }) {
    this.#hits = rule.raise.hits
    this.#of = rule.raise.of
    this.#calm = rule.calm
  }

  /** Adds the result of one examination; true if `raised` changed. */
  look(holds: boolean, slot: number): boolean {
    const fresh = slot !== this.#slot
    this.#slot = slot
    if (fresh) {
      this.#seen = ((this.#seen << 1) | (holds ? 1 : 0)) & ((1 << this.#of) - 1)
      this.#quiet = holds ? 0 : this.#quiet + 1
    } else if (holds) {
      this.#seen |= 1
      this.#quiet = 0
    }
    const before = this.raised
    if (!this.raised && count(this.#seen) >= this.#hits) this.raised = true
    else if (this.raised && this.#quiet >= this.#calm) this.raised = false
    return this.raised !== before
  }

  /** Whether it holds nothing that the next examination needs. */
  get idle(): boolean {
    return !this.raised && this.#seen === 0
  }
}

function count(bits: number): number {
  let ones = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) ones++
  return ones
}
