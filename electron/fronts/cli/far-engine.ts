/** The engine of another host, while a command runs. */

import type { Snapshot } from '../../contract/model.ts'
import { problemOfShortfall } from '../../engine/index.ts'
import { partsOf } from '../../engine/snapshots/index.ts'
import type { Carrier } from '../../host/carrier/carrier.ts'
import { type StartedEngine, type StartOptions, startFarEngine } from '../../host/carrier/start-far-engine.ts'
import type { Client, CommandEngine, ReportedShortfall, SnapshotSource } from './context.ts'
import { Failure } from './failure.ts'
import { toGroupList } from './summary.ts'

export class FarCommandEngine implements CommandEngine {
  readonly #carrier: Carrier
  readonly #report: (sentence: string) => void
  #started: Promise<StartedEngine> | undefined
  #client: Promise<Client> | undefined
  #last: Snapshot | undefined

  /** `report` is given what takes long, as a sentence. */
  constructor(carrier: Carrier, report: (sentence: string) => void) {
    this.#carrier = carrier
    this.#report = report
  }

  /** Throws Unreachable. */
  async core(): Promise<SnapshotSource> {
    const client = await this.connect()
    const snapshot: SnapshotSource['snapshot'] = async (request) => {
      this.#last = await client.snapshot(request)
      return this.#last
    }
    return {
      snapshot,
      async *parts({ selection, frame }) {
        const count = frame.reader === 'watching' ? { countMs: 0 } : {}
        yield* partsOf(await snapshot({ selection, owners: frame.processes !== 'never', ...count }))
      },
      groupList: async (request) => toGroupList(await snapshot(request)),
      async port(question) {
        const [use, { namespaces, host }] = await Promise.all([client.machine.port(question), client.machine.about()])
        return { use, namespaces, uid: host.uid }
      },
      processes: (pids) => client.processes.details({ pids: pids.slice(0, MAX_PIDS) }),
    }
  }

  /** Throws Unreachable. */
  connect(): Promise<Client> {
    this.#started ??= startInterruptibly(this.#carrier, (step) => {
      if (step.step !== 'send' || step.bytes > 0) return
      this.#report(
        `Sending this program to ${this.#carrier.name} (${Math.ceil(step.of / 1e6)} MB), once for each version.`,
      )
    })
    this.#client ??= this.#started.then(({ engine }) => engine.client())
    return this.#client
  }

  /** A command that took no snapshot has one taken for this, of no group. */
  async shortfalls(): Promise<readonly ReportedShortfall[]> {
    const client = await this.#client?.catch(() => undefined)
    if (client === undefined) return []
    this.#last ??= await client.snapshot({ selection: { all: false, user: '0', port: 1 } })
    const { shortfalls = [], namespaces } = this.#last
    return shortfalls.map((shortfall) => ({ shortfall, problem: problemOfShortfall(shortfall, namespaces) }))
  }

  async close(): Promise<void> {
    const started = await this.#started?.catch(() => undefined)
    await started?.close()
  }
}

/** Of one request (contract.ts, `processes.details`). */
const MAX_PIDS = 1000

/** Ctrl+C while ssh asks for a password ends ssh, which restores the terminal. */
async function startInterruptibly(carrier: Carrier, onStep: StartOptions['onStep'] & {}): Promise<StartedEngine> {
  const interruption = new AbortController()
  const interrupt = () => interruption.abort(new Failure('Interrupted.'))
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, interrupt)
  try {
    return await startFarEngine(carrier, { signal: interruption.signal, onStep })
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}
