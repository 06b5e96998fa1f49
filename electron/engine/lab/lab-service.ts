/** The lab, assembled once per engine: test listeners, recipes, and the stream that reports both. */

import type { Addon } from '../../../native/index.ts'
import type { LabChoices } from '../../contract/lab.ts'
import { MAX_LISTENERS, MAX_PROCESSES } from '../../contract/lab.ts'
import type { Collector } from '../collect/collector.ts'
import type { Sampler } from '../collect/sampler.ts'
import { workersPerProcess } from './checks.ts'
import { LabFeed } from './feed.ts'
import { Labs } from './labs.ts'
import { Machine } from './machine.ts'
import { RecipeRuns } from './recipes/runs.ts'

export type LaboratoryParts = {
  /** The native program (program.ts, `programBeside`). */
  readonly programPath: string
  readonly connectAbstract: Addon['connectAbstract']
  readonly collector: Collector
  readonly sampler: Sampler
  /** Identifies this engine in the cursors of its streams. */
  readonly epoch: string
}

export class LabService {
  readonly labs: Labs
  readonly runs: RecipeRuns
  readonly feed: LabFeed
  readonly #machine = new Machine()

  constructor({ programPath, connectAbstract, collector, sampler, epoch }: LaboratoryParts) {
    const machine = this.#machine
    this.labs = new Labs({ programPath, connectAbstract, machine, collector, sampler })
    this.runs = new RecipeRuns({ labs: this.labs, machine, collector, sampler })
    this.feed = new LabFeed(this.labs, this.runs, epoch)
    this.labs.onOpen = () => this.feed.wake()
    this.runs.onStart = () => this.feed.wake()
  }

  /** What a form offers, given the machine's current state. */
  choices(): LabChoices {
    const machine = this.#machine
    return {
      user: machine.userName(machine.uid),
      users: machine.root ? machine.userNames() : [],
      addresses: [...new Set([...machine.addresses(), '0.0.0.0', '::'])],
      interfaces: machine.interfaces(),
      cpus: machine.cpus(),
      maxListeners: Math.max(1, Math.min(MAX_LISTENERS, MAX_PROCESSES * workersPerProcess(machine, 'reuseport'))),
    }
  }

  /** Ends all labs of this engine; resolves when nothing of them is left. */
  async close(): Promise<void> {
    this.feed.close()
    await this.runs.stop()
    await this.labs.close()
  }
}
