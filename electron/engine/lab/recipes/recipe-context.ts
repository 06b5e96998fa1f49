/** What a recipe works with: it opens labs, shows results, and records checks. What it opened is closed with it. */

import type { RecentFlows } from '../../../contract/flows.ts'
import { type Check, ListenRequest, type RecipeRun, type RecipeSize, type Variant } from '../../../contract/lab.ts'
import { placesMissed } from '../../../contract/program-targets.ts'
import type { Collector } from '../../collect/collector.ts'
import { SINGLE_FRAME_WITHOUT_OWNERS } from '../../collect/frame-request.ts'
import type { Sampler } from '../../collect/sampler.ts'
import type { Labs } from '../labs.ts'
import type { Machine } from '../machine.ts'
import type { LabSetup } from '../request-values.ts'
import { TestRun } from './test-run.ts'

export type RecipeContextOptions = {
  readonly labs: Labs
  readonly machine: Machine
  readonly collector: Collector
  readonly sampler: Sampler
}

/** The queue of a member and what it dropped, as the inspector reads them. */
export type QueueReading = { readonly length: number; readonly limit: number | null; readonly drops: number | null }

/** Traffic ends after a minute at the latest. */
const SAMPLE_MS = 60_000

type Asked = Partial<ListenRequest> & Pick<ListenRequest, 'protocol'>

export class RecipeContext {
  readonly size: RecipeSize
  readonly machine: Machine
  readonly signal: AbortSignal
  readonly #parts: RecipeContextOptions
  readonly #update: (change: Partial<RecipeRun>) => void
  #variants: readonly Variant[] = []
  #checks: readonly Check[] = []

  constructor(
    parts: RecipeContextOptions,
    size: RecipeSize,
    signal: AbortSignal,
    update: (change: Partial<RecipeRun>) => void,
  ) {
    this.#parts = parts
    this.size = size
    this.machine = parts.machine
    this.signal = signal
    this.#update = update
  }

  get checks(): readonly Check[] {
    return this.#checks
  }

  /** `small` for tests, `full` for people. */
  sized(small: number, full: number): number {
    return this.size === 'small' ? small : full
  }

  /** Shows the current step: what was measured before it is finished. Rejects where the recipe was stopped. */
  step(step: string, progress: number): void {
    this.signal.throwIfAborted()
    this.#update({ step, progress, running: null })
  }

  /** Runs `work` with a lab on loopback, on a free port, and closes the lab afterwards. Throws LabError. */
  async withLab<T>(asked: Asked, work: (bench: TestRun) => Promise<T>, scene: LabSetup = {}): Promise<T> {
    this.signal.throwIfAborted()
    const request = ListenRequest.parse({ address: '127.0.0.1', port: 0, minutes: 5, ...asked })
    const lab = await this.#parts.labs.openHidden(request, scene)
    try {
      return await work(new TestRun(lab, this.signal))
    } finally {
      await this.#parts.labs.end(lab)
    }
  }

  get variants(): readonly Variant[] {
    return this.#variants
  }

  setVariants(ways: readonly Variant[]): void {
    this.#variants = ways
    this.#update({ variants: [...ways] })
  }

  /** Changes one variant, which is being measured until the next step. */
  setVariant(at: number, change: (way: Variant) => Variant): void {
    this.setVariants(this.#variants.map((way, index) => (index === at ? change(way) : way)))
    this.#update({ running: at })
  }

  addChecks(...trials: readonly Check[]): void {
    this.#checks = [...this.#checks, ...trials]
    this.#update({ checks: [...this.#checks] })
  }

  /**
   * The clients of these members that were sampled since the first call for them, as the inspector sees them; null where
   * it cannot: `clientsUnknownBecause`.
   */
  async clients(cookies: readonly string[]): Promise<RecentFlows | null> {
    const { flowSamples } = this.#parts.collector
    await flowSamples.read('now')
    return await flowSamples.of(`recipe ${cookies[0]}`, cookies, SAMPLE_MS)
  }

  get clientsUnknownBecause(): string {
    return this.#parts.collector.flowSamples.unavailable ?? 'sampling ended meanwhile'
  }

  /** The members that the program of this member's group can never pick, as the inspector reads it; or why it does not. */
  missedMembers(cookie: string): Promise<readonly string[] | string> {
    const { collector, sampler } = this.#parts
    return sampler.read(SINGLE_FRAME_WITHOUT_OWNERS, async ({ frame }) => {
      const socket = frame.socketOf(BigInt(cookie))
      const groups = socket < 0 ? null : frame.kernelGroups(frame.groupOf(socket))
      const [group] = groups ?? []
      if (group === undefined) return collector.kernelGroups.unavailable ?? 'the group was not read'
      const places = placesMissed(group)
      if (places === null) return 'what the program picks from could not be read'
      return places.flatMap((place) => group.members[place] ?? [])
    })
  }

  /** The queues of members now, as the inspector reads them; null for a member that it does not see. */
  queues(cookies: readonly string[]): Promise<(QueueReading | null)[]> {
    return this.#parts.sampler.read(SINGLE_FRAME_WITHOUT_OWNERS, async ({ frame }) =>
      cookies.map((cookie) => {
        const socket = frame.socketOf(BigInt(cookie))
        if (socket < 0) return null
        return {
          length: frame.queueLength(socket),
          limit: frame.queueLimit(socket),
          // The lab never uses deferred accept, which this reading does not know of.
          drops: frame.dropCounterOf(socket),
        }
      }),
    )
  }
}
