/**
 * One hour of many tracks within a fixed amount of memory: the last quarter in fine steps, all of it in longer ones.
 * Where the memory is used up, every step becomes twice as long.
 */
import { StepRings, type Steps } from './step-rings.ts'

export const HISTORY_MS = 3_600_000
const FINE_MS = 900_000
const FINE_STEP_MS = 1000
const COARSE_STEP_MS = 10_000
/** Steps are not made longer than this many of the fine span: beyond, new tracks are refused. */
const MIN_STEPS = 30

export class Tracks {
  readonly maxBytes: number
  #fine = new StepRings(FINE_STEP_MS, FINE_MS / FINE_STEP_MS)
  #coarse = new StepRings(COARSE_STEP_MS, HISTORY_MS / COARSE_STEP_MS)
  /** The last time that was recorded, and the first fine step of its longer one. */
  #at = Number.NaN
  #from = 0
  readonly #free: number[] = []
  #count = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#fine.bytes + this.#coarse.bytes
  }

  /** The present length of a fine step, in milliseconds. */
  get stepMs(): number {
    return this.#fine.stepMs
  }

  get count(): number {
    return this.#count - this.#free.length
  }

  /** Notes a refresh (StepRings.tick). */
  tick(at: number, heldMs: number): void {
    this.#fine.tick(at, heldMs)
    this.#coarse.tick(at, heldMs)
  }

  /** A new track, with the utilization that it has had since `at`; null where there is no memory for one. */
  begin(at: number, utilization: number): number | null {
    const track = this.#free.pop() ?? this.#take()
    if (track === null) return null
    this.#fine.begin(track, at, utilization)
    this.#coarse.begin(track, at, utilization)
    return track
  }

  /** Ends a track: its place is given to another. */
  end(track: number): void {
    this.#free.push(track)
  }

  /** As StepRings.record. The longer steps get it once they are over, or when they are read. */
  record(track: number, at: number, utilization: number, lost: number): void {
    if (at !== this.#at) this.#moveTo(at)
    if (this.#fine.newest(track) < this.#from) this.#coarse.fold(track, this.#fine)
    this.#fine.record(track, at, utilization, lost)
  }

  #moveTo(at: number): void {
    this.#at = at
    const { stepMs } = this.#coarse
    this.#from = (Math.floor(at / stepMs) * stepMs) / this.#fine.stepMs
  }

  /** What is known of a track since `since`, the oldest first; the steps of the first part are longer. */
  read(track: number, since: number, now: number): Steps[] {
    const fine = this.#fine.steps(track, Math.max(since, this.#fineFrom(now)), now)
    if (since >= fine.from) return [fine]
    this.#coarse.fold(track, this.#fine)
    const coarse = this.#coarse.steps(track, since, fine.from - 1)
    // Its last step also contains what the first fine ones do.
    while (coarse.lost.length > 0 && coarse.from + coarse.lost.length * coarse.stepMs > fine.from) {
      coarse.lost.pop()
      coarse.utilization.pop()
    }
    return coarse.lost.length === 0 ? [fine] : [coarse, fine]
  }

  /** The times since `since` in which nothing was read. */
  gaps(since: number, now: number): { from: number; to: number }[] {
    const fineFrom = this.#fineFrom(now)
    const older = since < fineFrom ? this.#coarse.gaps(since, fineFrom - 1) : []
    return [...older, ...this.#fine.gaps(Math.max(since, fineFrom), now)]
  }

  /** Where the fine steps begin: at the start of a coarse one, so that no time is in both. */
  #fineFrom(now: number): number {
    const { stepMs } = this.#coarse
    return (Math.floor((now - FINE_MS) / stepMs) + 1) * stepMs
  }

  #take(): number | null {
    while (this.#fine.needsSlab(this.#count) && this.bytes + this.#slabBytes > this.maxBytes) {
      if (this.#fine.length < 2 * MIN_STEPS) return null
      this.#fine = this.#fine.halved()
      this.#coarse = this.#coarse.halved()
      this.#at = Number.NaN
    }
    return this.#count++
  }

  get #slabBytes(): number {
    return this.#fine.slabBytes + this.#coarse.slabBytes
  }
}
