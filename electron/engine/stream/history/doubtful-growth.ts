/**
 * What drop counters grew while it was unknown whether that is a loss (FrameFields.dropsOf), by track. It counts once
 * that is known.
 */
import { UNKNOWN } from './step-rings.ts'

export class DoubtfulGrowth {
  readonly #byTrack = new Map<number, number>()

  get isEmpty(): boolean {
    return this.#byTrack.size === 0
  }

  has(track: number): boolean {
    return this.#byTrack.has(track)
  }

  /** What is lost now, with a counter that grew by `grown`; UNKNOWN where that is not `certain`. */
  lost(track: number, grown: number, certain: boolean): number {
    const growth = grown + (this.#byTrack.get(track) ?? 0)
    if (growth === 0) return 0
    if (certain) {
      this.#byTrack.delete(track)
      return growth
    }
    this.#byTrack.set(track, growth)
    return grown > 0 ? UNKNOWN : 0
  }

  forget(track: number): void {
    this.#byTrack.delete(track)
  }
}
