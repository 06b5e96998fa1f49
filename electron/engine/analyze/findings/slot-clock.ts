/** Time slots: a periodic refresh is one slot, and frames that follow each other closely share one (hysteresis.ts). */

/** Slightly less than the shortest interval, so that each periodic refresh has its own slot. */
const SLOT_MS = 90

/** Of the first frame. */
export const FIRST_SLOT = 1

export class SlotClock {
  slot = 0
  #beganAt = Number.NEGATIVE_INFINITY

  /** True if a new slot begins at this time, in milliseconds since 1970. A clock that was set back begins one too. */
  begins(now: number): boolean {
    if (now - this.#beganAt < SLOT_MS && now >= this.#beganAt) return false
    this.slot++
    this.#beganAt = now
    return true
  }
}
