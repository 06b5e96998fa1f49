/** One check over time: waits until everything holds, then until it has held for long enough. Pure but for its state. */
import type { GroupRow } from '../../../contract/live.ts'
import { type GroupReference, refersTo } from '../group-reference.ts'
import { type AssertionResult, assertAll, type Expectation } from './assertions.ts'

export type Check = {
  /** As in reports; the target where it has no name. */
  readonly name: string
  /** As the user wrote it. */
  readonly target: string
  readonly reference: GroupReference
  readonly netns?: string | undefined
  readonly expectation: Expectation
  /** Milliseconds that everything must hold. */
  readonly holdMs: number
  /** Milliseconds to wait until everything holds. */
  readonly waitMs: number
}

export type CheckResult = {
  readonly name: string
  readonly target: string
  /** `failed` where any assertion failed, else `unknown` where any is unknown. */
  readonly state: AssertionResult['state']
  readonly assertions: readonly AssertionResult[]
  /** How long everything has held at the end. */
  readonly heldMs: number
  /** From the first reading to the result. */
  readonly elapsedMs: number
}

/** Without two readings nothing is known about drops. */
const MIN_DROPS_MS = 1000

export class CheckRun {
  readonly check: Check
  readonly #namespaceOf: (netns: string) => number | null
  #began: number | null = null
  #heldSince: number | null = null
  /** Drop counters at the start of the time in which everything must hold. */
  #baseline: ReadonlyMap<string, number | null> | null = null
  /** null until it is over. */
  result: CheckResult | null = null
  #last: CheckResult | null = null

  /** `namespaceOf`: the inode of a namespace by name or inode; null for none. */
  constructor(check: Check, namespaceOf: (netns: string) => number | null) {
    this.check = check
    this.#namespaceOf = namespaceOf
  }

  /** Takes the groups of one refresh, complete, read at this time in milliseconds. */
  take(rows: Iterable<GroupRow>, now: number): void {
    if (this.result !== null) return
    this.#began ??= now
    const groups = this.#matching(rows)
    const baseline = this.#baseline ?? countersOf(groups)
    this.#baseline = baseline
    const results = assertAll(this.check.target, this.check.expectation, groups, (group) =>
      droppedSince(baseline, group),
    )
    const state = stateOf(results)
    if (state === 'held') this.#heldSince ??= now
    else this.#heldSince = null
    const heldMs = this.#heldSince === null ? 0 : now - this.#heldSince
    const { name, target, waitMs } = this.check
    const last = { name, target, state, assertions: results, heldMs, elapsedMs: now - this.#began }
    this.#last = last
    if (state === 'held' && heldMs >= this.#holdMs) this.result = last
    // What held and no longer does may still hold for long enough before the time is over.
    else if (state !== 'held' && last.elapsedMs >= waitMs) this.result = last
    if (state !== 'held') this.#baseline = null
  }

  /** Ends it now: what has not held for long enough has not been confirmed. */
  interrupt(): CheckResult {
    const { name, target } = this.check
    this.result ??=
      this.#last === null || this.#last.state === 'held'
        ? { ...(this.#last ?? { name, target, assertions: [], heldMs: 0, elapsedMs: 0 }), state: 'unknown' }
        : this.#last
    return this.result
  }

  get #holdMs(): number {
    return Math.max(this.check.holdMs, this.check.expectation.noDrops === true ? MIN_DROPS_MS : 0)
  }

  #matching(rows: Iterable<GroupRow>): GroupRow[] {
    const { reference, netns } = this.check
    const inode = netns === undefined ? undefined : this.#namespaceOf(netns)
    return [...rows].filter((row) => refersTo(reference, row) && (inode === undefined || row.netns === inode))
  }
}

function stateOf(results: readonly AssertionResult[]): AssertionResult['state'] {
  if (results.some(({ state }) => state === 'failed')) return 'failed'
  return results.some(({ state }) => state === 'unknown') ? 'unknown' : 'held'
}

function countersOf(groups: readonly GroupRow[]): Map<string, number | null> {
  return new Map(groups.map(({ id, drops }) => [id, drops]))
}

/** A group that is new counts from its first drop; one whose counter fell lost a member with drops, and starts again. */
function droppedSince(
  baseline: ReadonlyMap<string, number | null>,
  { id, drops, dropsPerSecond }: GroupRow,
): number | null {
  if (drops === null) return null
  const before = baseline.get(id) ?? (baseline.has(id) ? null : 0)
  if (before === null) return null
  return Math.max(drops - before, (dropsPerSecond ?? 0) > 0 ? 1 : 0)
}
