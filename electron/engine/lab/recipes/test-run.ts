/** One lab that a recipe works with. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Latency } from '../../../contract/lab.ts'
import type { RequestValue } from '../lab-connection.ts'
import { toLabError } from '../lab-error-texts.ts'
import type { OpenLab } from '../open-lab.ts'
import { AddAnswer, LatenciesAnswer, type Status, type TrafficStatus } from '../status.ts'

/** How often running traffic is polled. */
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
  /** The CPU that sends; on loopback it also receives everything. */
  readonly cpu?: number
}

/** Traffic that has ended. */
export type TrafficResult = {
  readonly status: Status
  readonly traffic: TrafficStatus
  /** How much of it each worker received. */
  readonly received: readonly number[]
  readonly perSecond: number
  readonly latency: Latency | null
}

export class TestRun {
  readonly lab: OpenLab
  readonly #signal: AbortSignal

  constructor(lab: OpenLab, signal: AbortSignal) {
    this.lab = lab
    this.#signal = signal
  }

  status(): Promise<Status> {
    return this.#during('reading the state of the lab', () => this.lab.status())
  }

  /** Sends one request to it. Rejects with ProgramError where a failure is a result. */
  ask(verb: string, values: Readonly<Record<string, RequestValue>> = {}): Promise<unknown> {
    this.#signal.throwIfAborted()
    return this.lab.ask(verb, values)
  }

  /** One more member. Rejects with ProgramError. */
  async add(values: Readonly<Record<string, RequestValue>> = {}): Promise<AddAnswer> {
    return AddAnswer.parse(await this.ask('add', values))
  }

  /** Sends, and waits for the end. `look` is called with the counts meanwhile. */
  async send(
    keys: TrafficKeys,
    look: (status: Status, received: readonly number[]) => void = () => {},
  ): Promise<TrafficResult> {
    const before = await this.begin(keys)
    const status = await this.until((now) => {
      look(now, taken(now, before))
      return now.traffic?.endedAt !== null
    })
    return this.result(status, before)
  }

  /** Starts to send; gives the state before. */
  async begin(keys: TrafficKeys): Promise<Status> {
    const before = await this.status()
    await this.#during('sending traffic', () => this.ask('traffic', keys))
    return before
  }

  /** Polls until `condition` holds. */
  async until(condition: (status: Status) => boolean): Promise<Status> {
    for (;;) {
      const status = await this.status()
      if (condition(status)) return status
      await pause(LOOK_MS, undefined, { signal: this.#signal })
    }
  }

  /** The result of the traffic in `status`. */
  async result(status: Status, before: Status): Promise<TrafficResult> {
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
      throw toLabError(asked, error)
    }
  }
}

/** What each worker received since `before`, in their order. */
function taken(now: Status, before: Status): number[] {
  return now.workers.map(({ received }, at) => received - (before.workers[at]?.received ?? 0))
}
