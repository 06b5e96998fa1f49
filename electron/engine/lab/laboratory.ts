/** The lab put together, once an engine: test listeners, recipes, and the stream that tells of both. */
import { randomBytes } from 'node:crypto'
import type { LabChoices } from '../../contract/lab.ts'
import { LabFeed } from './feed.ts'
import { Labs } from './labs.ts'
import { RecipeRuns } from './recipes/runs.ts'

export class Laboratory {
  readonly labs: Labs
  readonly runs: RecipeRuns
  readonly feed: LabFeed

  constructor() {
    this.labs = new Labs()
    this.runs = new RecipeRuns()
    this.feed = new LabFeed(this.labs, this.runs, randomBytes(4).toString('hex'))
  }

  async choices(): Promise<LabChoices> {
    return { user: '', users: [], addresses: [], interfaces: [], cpus: 1, maxListeners: 1 }
  }

  /** Ends every lab of ours; resolves when nothing of them is left. */
  async close(): Promise<void> {
    await this.runs.stop()
    await this.labs.close()
  }
}
