/** Who got what share of what came, from the first to the newest: the lines of the traffic's picture. */
import type { Lab } from '../../electron/contract/lab.ts'

/** Counts of every worker at one moment, since `from`. */
export type ShareSample = {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly total: number
  /** By the workers' order. */
  readonly counts: readonly number[]
}

/** More are thinned out to half: what is long ago is drawn coarser. */
const MOST_SAMPLES = 240

/**
 * The counts of one lab's workers while it is watched. A new traffic begins a new picture: shares are of what came
 * since then, so that a worker that is stalled now is seen at once.
 */
export class ShareHistory {
  #samples: ShareSample[] = []
  #traffic: string | null = null
  #base: readonly number[] = []
  #last: readonly number[] = []
  #from: number | null = null

  /** The oldest first; none while nothing came. */
  get samples(): readonly ShareSample[] {
    return this.#samples
  }

  /** Since when, in milliseconds since the epoch; null since the lab began. */
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
    // Less than before is another lab under the same id, or another engine: its lines begin anew.
    if (before !== undefined && total < before.total) this.#samples = []
    if (total === 0 || (before?.total === total && before.counts.length === counts.length)) return
    this.#samples.push({ at: now, total, counts })
    if (this.#samples.length > MOST_SAMPLES) {
      // The newest stays: it is what is true now.
      this.#samples = this.#samples.filter((_, place, all) => place % 2 === 1 || place === all.length - 1)
    }
  }
}

/** Shares of one sample, each from 0 to 1. */
export function sharesIn({ counts, total }: ShareSample): readonly number[] {
  return counts.map((count) => (total === 0 ? 0 : count / total))
}
