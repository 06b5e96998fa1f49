/** What one member, or one group, is given, from one reading of the counts to the next. Pure. */
import type { MemberGiven } from '../../contract/given.ts'

/** Means for Little's law cover about this time: most of the weight is on the last ten seconds. */
const MEAN_SECONDS = 10

export class GivenRates {
  /** The last reading. Its numbers are not in an object of its own: there may be a hundred thousand. */
  #count: number
  #queued: number | null
  #at: number
  /** The count at the start of the sample. */
  #base: number
  #perSecond: number | null = null
  #acceptedPerSecond: number | null = null
  #meanQueue: number
  #meanAccepted: number | null = null

  /**
   * The first reading of a count and, at about the same time, of the connections in the accept queue (null for UDP). `at`:
   * when, in milliseconds of any clock.
   */
  constructor(count: number, queued: number | null, at: number) {
    this.#count = this.#base = count
    this.#queued = queued
    this.#at = at
    this.#meanQueue = queued ?? 0
  }

  /** Takes the next reading; true where something that is shown changed. */
  take(count: number, queued: number | null, at: number): boolean {
    const seconds = Math.max(at - this.#at, 1) / 1000
    const given = count - this.#count
    const [perSecond, acceptedPerSecond, meanWaitMs] = [this.#perSecond, this.#acceptedPerSecond, this.#meanWaitMs()]
    this.#perSecond = rounded(given / seconds)
    if (queued !== null && this.#queued !== null) {
      // The two are not read at one instant: a connection in between may be accepted "before" it was given.
      const accepted = Math.max(0, given - (queued - this.#queued)) / seconds
      const weight = 1 - Math.exp(-seconds / MEAN_SECONDS)
      this.#acceptedPerSecond = rounded(accepted)
      this.#meanQueue += weight * ((queued + this.#queued) / 2 - this.#meanQueue)
      this.#meanAccepted = this.#meanAccepted === null ? accepted : mix(this.#meanAccepted, accepted, weight)
    }
    this.#count = count
    this.#queued = queued
    this.#at = at
    const moved = perSecond !== this.#perSecond || acceptedPerSecond !== this.#acceptedPerSecond
    return given !== 0 || moved || meanWaitMs !== this.#meanWaitMs()
  }

  /** True where readings without a change would show nothing else. */
  get steady(): boolean {
    return this.#perSecond === 0 && !this.#acceptedPerSecond
  }

  /** Makes up for the readings until `at`, which were left out because nothing changed. */
  rest(at: number): void {
    if (at > this.#at) this.take(this.#count, this.#queued, at)
  }

  /** Starts another sample. */
  restartSample(): void {
    this.#base = this.#count
  }

  get sample(): number {
    return this.#count - this.#base
  }

  get given(): MemberGiven {
    return {
      count: this.#count,
      sample: this.sample,
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
