/** One open lab as the contract shows it: the status from its supervisor, with rates and percentiles. */
import type { Lab, LabId, Traffic } from '../../contract/lab.ts'
import type { Protocol } from '../../contract/model.ts'
import { type RequestValue, requestLine } from './lab-connection.ts'
import type { Latencies } from './latency.ts'
import { inTime, type Program } from './program.ts'
import { LatenciesAnswer, Status, type TrafficStatus } from './status.ts'

/** The period over which a rate is computed. */
const RATE_MS = 1000

type TrafficRun = {
  readonly startedAt: string
  readonly latencies: Latencies
  taken: number
  readonly samples: { at: number; done: number }[]
}

export class OpenLab {
  readonly id: LabId
  readonly program: Program
  #trafficRun: TrafficRun | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(id: LabId, program: Program) {
    this.id = id
    this.program = program
  }

  /** Sends one request to the supervisor. Rejects with ProgramError or ProgramEnded. */
  ask(verb: string, values: Readonly<Record<string, RequestValue>> = {}): Promise<unknown> {
    const answer = this.program.connection.ask(requestLine(verb, values))
    return this.program.own ? answer : inTime(answer)
  }

  async status(): Promise<Status> {
    return Status.parse(await this.ask('status'))
  }

  /** Its current state. One reading at a time: a second one would take the same latencies again. */
  read(): Promise<Lab> {
    const reading = this.#turn.then(() => this.#read())
    this.#turn = reading.catch(() => undefined)
    return reading
  }

  async #read(): Promise<Lab> {
    const { traffic, ...status } = await this.status()
    return {
      ...status,
      traffic: traffic === null ? null : await this.#traffic(traffic, status.request.protocol),
      own: this.program.own,
    }
  }

  async #traffic(status: TrafficStatus, protocol: Protocol): Promise<Traffic> {
    const flight = await this.#trafficRunOf(status)
    await this.#takeLatencies(flight)
    const { pid: _pid, elapsedUs, samples: _samples, moved, request, ...counted } = status
    const seconds = elapsedUs / 1e6
    const tells = protocol === 'udp' && request.exchange !== 'send'
    return {
      ...counted,
      request: { ...request, id: this.id },
      perSecond: status.endedAt === null ? recentRate(flight, status.done) : seconds > 0 ? status.done / seconds : 0,
      latency: flight.latencies.summary(),
      moved: tells ? moved : null,
    }
  }

  async #trafficRunOf({ startedAt }: TrafficStatus): Promise<TrafficRun> {
    if (this.#trafficRun?.startedAt !== startedAt) {
      // Loaded on demand: most commands never send traffic, and should not wait for what they do not use.
      const { Latencies } = await import('./latency.ts')
      this.#trafficRun = { startedAt, latencies: new Latencies(), taken: 0, samples: [] }
    }
    return this.#trafficRun
  }

  async #takeLatencies(flight: TrafficRun): Promise<void> {
    for (;;) {
      const { next, data } = LatenciesAnswer.parse(await this.ask('latencies', { from: flight.taken }))
      if (next === flight.taken) return
      flight.latencies.add(Buffer.from(data, 'base64'))
      flight.taken = next
    }
  }
}

/** Done per second, over the newest second that was observed. */
function recentRate({ samples }: TrafficRun, done: number): number {
  const at = performance.now()
  samples.push({ at, done })
  while ((samples[1]?.at ?? at) <= at - RATE_MS) samples.shift()
  const first = samples[0]
  if (first === undefined || at - first.at <= 0) return 0
  return (1000 * (done - first.done)) / (at - first.at)
}
