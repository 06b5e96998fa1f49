/**
 * Keeps a finding from flapping: it is raised when what speaks for it was seen in k of the last n looks, and cleared
 * after m looks in a row without. Looks that follow on each other within one slot of time count as one.
 */
export class Hysteresis {
  raised = false
  readonly #hits: number
  readonly #of: number
  readonly #calm: number
  #slot = Number.NEGATIVE_INFINITY
  /** The last looks, the newest in the lowest bit. */
  #seen = 0
  #quiet = 0

  constructor(rule: { raise: { hits: number; of: number }; calm: number }) {
    this.#hits = rule.raise.hits
    this.#of = rule.raise.of
    this.#calm = rule.calm
  }

  /** Takes one look; true when `raised` changed. */
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

  /** Nothing in it that the next look would need. */
  get idle(): boolean {
    return !this.raised && this.#seen === 0
  }
}

function count(bits: number): number {
  let ones = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) ones++
  return ones
}
