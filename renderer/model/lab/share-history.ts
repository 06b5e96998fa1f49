/** The workers' counts over time: the data of the share chart. */
import type { Lab } from '../../../electron/contract/lab.ts'

/** Counts of every worker at one time, since `from`. */
export type ShareSample = {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly total: number
  /** In the workers' order. */
  readonly counts: readonly number[]
}

/** Beyond this every second sample is dropped, so that older times are coarser. */
const MAX_SAMPLES = 240

/**
 * The counts of one lab's workers while it is watched. New traffic starts a new chart: shares count only from then on,
 * so that a worker that is stalled now is visible at once.
 */
export class ShareHistory {
  #samples: ShareSample[] = []
  #traffic: string | null = null
  #base: readonly number[] = []
  #last: readonly number[] = []
  #from: number | null = null

  /** Oldest first; empty while nothing was received. */
  get samples(): readonly ShareSample[] {
    return this.#samples
  }

  /** Start of the samples in milliseconds since the epoch; null for the start of the lab. */
  get from(): number | null {
    return this.#from
  }

  take({ workers, traffic }: Pick<Lab, 'workers' | 'traffic'>, now: number): void {
    const received = workers.map((worker) => worker.received)
    const started = traffic?.startedAt ?? null
    if (started !== null && started !== this.#traffic) {
      this.#traffic = started
      this.#base = this.#last
      this.#from = this.#last.some((count) => count > 0) ? Date.parse(started) : null
      this.#samples = []
    }
    this.#last = received
    const counts = received.map((count, worker) => count - (this.#base[worker] ?? 0))
    const total = counts.reduce((sum, count) => sum + count, 0)
    const before = this.#samples.at(-1)
    // A lower total means another lab with the same id, or another engine: start again.
    if (before !== undefined && total < before.total) this.#samples = []
    if (total === 0 || (before?.total === total && before.counts.length === counts.length)) return
    this.#samples.push({ at: now, total, counts })
    if (this.#samples.length > MAX_SAMPLES) {
      // Always keep the newest.
      this.#samples = this.#samples.filter((_, place, all) => place % 2 === 1 || place === all.length - 1)
    }
  }
}

/** Shares of one sample, each from 0 to 1. */
export function sharesIn({ counts, total }: ShareSample): readonly number[] {
  return counts.map((count) => (total === 0 ? 0 : count / total))
}
