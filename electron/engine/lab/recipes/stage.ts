/** What a recipe works with: it opens labs, shows results, and records checks. What it opened is closed with it. */
import { ListenRequest, type RecipeRun, type RecipeSize, type Trial, type Way } from '../../../contract/lab.ts'
import type { Inspection } from '../../inspection.ts'
import type { Sampler } from '../../sampler.ts'
import type { Labs, Scene } from '../labs.ts'
import type { Machine } from '../machine.ts'
import { Bench } from './bench.ts'

export type StageParts = {
  readonly labs: Labs
  readonly machine: Machine
  readonly inspection: Inspection
  readonly sampler: Sampler
}

/** The queue of a member and what it dropped, as the inspector reads them. */
export type Queue = { readonly length: number; readonly limit: number | null; readonly drops: number | null }

type Asked = Partial<ListenRequest> & Pick<ListenRequest, 'protocol'>

export class Stage {
  readonly size: RecipeSize
  readonly machine: Machine
  readonly signal: AbortSignal
  readonly #parts: StageParts
  readonly #update: (change: Partial<RecipeRun>) => void
  #ways: readonly Way[] = []
  #trials: readonly Trial[] = []

  constructor(parts: StageParts, size: RecipeSize, signal: AbortSignal, update: (change: Partial<RecipeRun>) => void) {
    this.#parts = parts
    this.size = size
    this.machine = parts.machine
    this.signal = signal
    this.#update = update
  }

  get trials(): readonly Trial[] {
    return this.#trials
  }

  /** `small` for tests, `full` for people. */
  sized(small: number, full: number): number {
    return this.size === 'small' ? small : full
  }

  /** Shows the current step. Rejects where the recipe was stopped. */
  step(step: string, progress: number): void {
    this.signal.throwIfAborted()
    this.#update({ step, progress })
  }

  /** Runs `work` with a lab on loopback, on a free port, and closes the lab afterwards. Throws Refusal. */
  async at<T>(asked: Asked, work: (bench: Bench) => Promise<T>, scene: Scene = {}): Promise<T> {
    this.signal.throwIfAborted()
    const request = ListenRequest.parse({ address: '127.0.0.1', port: 0, minutes: 5, ...asked })
    const lab = await this.#parts.labs.openBackstage(request, scene)
    try {
      return await work(new Bench(lab, this.signal))
    } finally {
      await this.#parts.labs.end(lab)
    }
  }

  get ways(): readonly Way[] {
    return this.#ways
  }

  setWays(ways: readonly Way[]): void {
    this.#ways = ways
    this.#update({ ways: [...ways] })
  }

  setWay(at: number, change: (way: Way) => Way): void {
    this.setWays(this.#ways.map((way, index) => (index === at ? change(way) : way)))
  }

  tried(...trials: readonly Trial[]): void {
    this.#trials = [...this.#trials, ...trials]
    this.#update({ trials: [...this.#trials] })
  }

  /** The queues of members now, as the inspector reads them; null for a member that it does not see. */
  queues(cookies: readonly string[]): Promise<(Queue | null)[]> {
    return this.#parts.sampler.read('never', async ({ picture }) =>
      cookies.map((cookie) => {
        const socket = picture.socketOf(BigInt(cookie))
        if (socket < 0) return null
        return {
          length: picture.queueLength(socket),
          limit: picture.queueLimit(socket),
          // The lab never uses deferred accept, which this reading does not know of.
          drops: picture.dropCounterOf(socket),
        }
      }),
    )
  }
}
