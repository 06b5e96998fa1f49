/** What the engine remembers of the open group and its members: an hour, also from before the page was opened. */
import type { Gap, GroupHistory, MembershipChange } from '../../../electron/contract/history.ts'
import type { Sample } from '../../model/history/history.ts'
import { samplesOf } from '../../model/history/samples-of.ts'

export const PAST_MS = 3_600_000

export class GroupPast {
  #samples: Sample[] = []
  #gaps: readonly Gap[] = []
  #membership: readonly MembershipChange[] = []
  /** True once the engine has answered. */
  known = false

  /** Oldest first. The steps of the older ones are longer. None where the queue was always empty. */
  get samples(): readonly Sample[] {
    return this.#samples
  }

  /** Times in which nothing was read. */
  get gaps(): readonly Gap[] {
    return this.#gaps
  }

  /** The oldest first. */
  get membership(): readonly MembershipChange[] {
    return this.#membership
  }

  /** From when on the next answer is needed: the newest step may still have changed. */
  get since(): number {
    return this.#samples.at(-1)?.at ?? 0
  }

  /** Takes the answer for the time since `since`. `now` in milliseconds since the epoch. */
  take({ steps, gaps, membership }: Omit<GroupHistory, 'members' | 'lost'>, since: number, now: number): void {
    const added = samplesOf(steps)
    const from = added[0]?.at ?? Number.POSITIVE_INFINITY
    const oldest = now - PAST_MS
    this.#samples = [...this.#samples.filter(({ at }) => at < from && at >= oldest), ...added]
    this.#gaps = [...this.#gaps.filter(({ to }) => to <= since && to >= oldest), ...gaps]
    this.#membership = [...this.#membership.filter(({ at }) => at < since && at >= oldest), ...membership]
    this.known = true
  }
}
