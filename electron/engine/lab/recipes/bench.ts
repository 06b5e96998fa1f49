/** A lab that a recipe works at. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Latency } from '../../../contract/lab.ts'
import type { RequestValue } from '../dialogue.ts'
import type { OpenLab } from '../open-lab.ts'
import { refusalOf } from '../refusals.ts'
import { AddAnswer, LatenciesAnswer, type Status, type TrafficStatus } from '../status.ts'

/** How often running traffic is looked at. */
const LOOK_MS = 100

/** Keys of the verb `traffic` (native/lab/protocol.h). */
export type TrafficKeys = {
  readonly count: number
  readonly exchange: 'echo' | 'hold' | 'close' | 'send' | 'dns'
  readonly rate?: number
  readonly sources?: number
  readonly flows?: number
  readonly threads?: number
  readonly seconds?: number
  readonly timeout_ms?: number
  /** The CPU that it sends from, and all of it is then received on. */
  readonly cpu?: number
}

/** Traffic that has ended. */
export type Flown = {
  readonly status: Status
  readonly traffic: TrafficStatus
  /** What each worker took of it. */
  readonly received: readonly number[]
  readonly perSecond: number
  readonly latency: Latency | null
}

export class Bench {
  readonly lab: OpenLab
  readonly #signal: AbortSignal

  constructor(lab: OpenLab, signal: AbortSignal) {
    this.lab = lab
    this.#signal = signal
  }

  status(): Promise<Status> {
    return this.#during('the state of the lab', () => this.lab.status())
  }

  /** Says something to it. Rejects with ProgramError where that is an answer to learn from. */
  ask(verb: string, values: Readonly<Record<string, RequestValue>> = {}): Promise<unknown> {
    this.#signal.throwIfAborted()
    return this.lab.ask(verb, values)
  }

  /** One more member. Rejects with ProgramError. */
  async add(values: Readonly<Record<string, RequestValue>> = {}): Promise<AddAnswer> {
    return AddAnswer.parse(await this.ask('add', values))
  }

  /** Sends, and waits for the end of it. `look` is called with what is seen meanwhile. */
  async send(
    keys: TrafficKeys,
    look: (status: Status, received: readonly number[]) => void = () => {},
  ): Promise<Flown> {
    const before = await this.begin(keys)
    const status = await this.until((now) => {
      look(now, taken(now, before))
      return now.traffic?.endedAt !== null
    })
    return this.flown(status, before)
  }

  /** Begins to send; gives the state before. */
  async begin(keys: TrafficKeys): Promise<Status> {
    const before = await this.status()
    await this.#during('traffic', () => this.ask('traffic', keys))
    return before
  }

  /** Looks again and again until `condition` holds. */
  async until(condition: (status: Status) => boolean): Promise<Status> {
    for (;;) {
      const status = await this.status()
      if (condition(status)) return status
      await pause(LOOK_MS, undefined, { signal: this.#signal })
    }
  }

  /** What came of the traffic that is told of in `status`. */
  async flown(status: Status, before: Status): Promise<Flown> {
    const { traffic } = status
    if (traffic === null) throw new Error('there was no traffic')
    const seconds = traffic.elapsedUs / 1e6
    return {
      status,
      traffic,
      received: taken(status, before),
      perSecond: seconds > 0 ? traffic.done / seconds : 0,
      latency: await this.#latency(),
    }
  }

  async #latency(): Promise<Latency | null> {
    const { Latencies } = await import('../latency.ts')
    const latencies = new Latencies()
    for (let from = 0; ; ) {
      const { next, data } = LatenciesAnswer.parse(await this.ask('latencies', { from }))
      if (next === from) return latencies.summary()
      latencies.add(Buffer.from(data, 'base64'))
      from = next
    }
  }

  async #during<T>(asked: string, work: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      throw refusalOf(asked, error)
    }
  }
}

/** What each worker took since `before`, in their order. */
function taken(now: Status, before: Status): number[] {
  return now.workers.map(({ received }, at) => received - (before.workers[at]?.received ?? 0))
}
