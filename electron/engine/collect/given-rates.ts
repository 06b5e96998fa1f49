/** What one member, or one group, is given, from one reading of the counts to the next. Pure. */
import type { MemberGiven } from '../../contract/given.ts'

/** Means for Little's law cover about this time: most of the weight is on the last ten seconds. */
const MEAN_SECONDS = 10

/** A reading of a count and, at about the same time, of the accept queue. */
export type GivenReading = {
  readonly count: number
  /** Connections in the accept queue; null for UDP. */
  readonly queued: number | null
  /** In milliseconds, of any clock. */
  readonly at: number
}

export class GivenRates {
  #last: GivenReading
  /** The count at the start of the sample. */
  #base: number
  #perSecond: number | null = null
  #acceptedPerSecond: number | null = null
  #meanQueue: number
  #meanAccepted: number | null = null

  constructor(first: GivenReading) {
    this.#last = first
    this.#base = first.count
    this.#meanQueue = first.queued ?? 0
  }

  /** Takes the next reading; true where something that is shown changed. */
  take(reading: GivenReading): boolean {
    const seconds = Math.max(reading.at - this.#last.at, 1) / 1000
    const given = reading.count - this.#last.count
    const before = [this.#perSecond, this.#acceptedPerSecond, this.#meanWaitMs()]
    this.#perSecond = rounded(given / seconds)
    if (reading.queued !== null && this.#last.queued !== null) {
      // The two are not read at one instant: a connection in between may be accepted "before" it was given.
      const accepted = Math.max(0, given - (reading.queued - this.#last.queued)) / seconds
      const weight = 1 - Math.exp(-seconds / MEAN_SECONDS)
      this.#acceptedPerSecond = rounded(accepted)
      this.#meanQueue += weight * ((reading.queued + this.#last.queued) / 2 - this.#meanQueue)
      this.#meanAccepted = this.#meanAccepted === null ? accepted : mix(this.#meanAccepted, accepted, weight)
    }
    this.#last = reading
    const now = [this.#perSecond, this.#acceptedPerSecond, this.#meanWaitMs()]
    return given !== 0 || now.some((value, at) => value !== before[at])
  }

  /** True where readings without a change would show nothing else. */
  get steady(): boolean {
    return this.#perSecond === 0 && !this.#acceptedPerSecond
  }

  /** Makes up for the readings until `at`, which were left out because nothing changed. */
  rest(at: number): void {
    if (at > this.#last.at) this.take({ ...this.#last, at })
  }

  /** Starts another sample. */
  restartSample(): void {
    this.#base = this.#last.count
  }

  get given(): MemberGiven {
    return {
      count: this.#last.count,
      sample: this.#last.count - this.#base,
      perSecond: this.#perSecond,
      acceptedPerSecond: this.#acceptedPerSecond,
      meanWaitMs: this.#meanWaitMs(),
    }
  }

  /** Little's law holds only for what moves: a stalled queue has no wait, but an age. */
  #meanWaitMs(): number | null {
    if (!this.#acceptedPerSecond || !this.#meanAccepted) return null
    return rounded((1000 * this.#meanQueue) / this.#meanAccepted)
  }
}

function mix(mean: number, value: number, weight: number): number {
  return mean + weight * (value - mean)
}

function rounded(value: number): number {
  return Math.round(10 * value) / 10
}
