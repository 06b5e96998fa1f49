/** What answers questions about groups, put together once an engine. */
import type { WhatIf } from '../../contract/analysis.ts'
import type { Inspection } from '../inspection.ts'
import type { Sampler } from '../sampler.ts'
import { rowOfGroup, weighGroup } from './balance.ts'
import { ConnectionCounter } from './connections.ts'
import { FindingsFeed } from './findings/findings-feed.ts'
import { allRules } from './findings/rules.ts'
import { FindingsWatch } from './findings/watch.ts'
import { Weighing } from './findings/weighing.ts'
import { IncomingCpus } from './incoming-cpus.ts'
import { Oracle } from './oracle.ts'
import { followPacket } from './path.ts'
import { recentPicture } from './recent-picture.ts'
import { movedByNewest, movedByOldest, movedOnAverage } from './what-if.ts'
import { whatIfSentence } from './what-if-words.ts'

export class Analysis {
  readonly oracle: Oracle
  readonly cpus: IncomingCpus
  /** What is wrong, kept up with every picture. */
  readonly watch: FindingsWatch
  readonly findings: FindingsFeed
  readonly #inspection: Inspection
  readonly #sampler: Sampler
  readonly #connections: ConnectionCounter

  constructor(inspection: Inspection, sampler: Sampler, epoch: string) {
    this.#inspection = inspection
    this.#sampler = sampler
    this.cpus = new IncomingCpus(inspection)
    this.oracle = new Oracle(inspection, sampler, this.cpus)
    this.#connections = new ConnectionCounter(inspection)
    const weighing = new Weighing(inspection, this.oracle)
    const rules = allRules((id) => weighing.of(id))
    this.watch = new FindingsWatch({ inspection, cpus: this.cpus, rules, weighing })
    this.findings = new FindingsFeed(this.watch, sampler, epoch)
  }

  path(flow: Parameters<typeof followPacket>[1]) {
    const { cpus, oracle } = this
    return followPacket({ inspection: this.#inspection, sampler: this.#sampler, oracle, cpus }, flow)
  }

  balance(id: string, clients: number) {
    const { oracle } = this
    const parts = { inspection: this.#inspection, sampler: this.#sampler, oracle, connections: this.#connections }
    return weighGroup(parts, id, clients)
  }

  /** Throws Unanswerable where the group is not there. */
  async whatIf(id: string, to: number): Promise<WhatIf> {
    const picture = await recentPicture(this.#inspection, this.#sampler)
    const row = rowOfGroup(picture, id)
    const group = picture.key(row)
    const from = picture.receiving(row)
    const shrinks = to < from
    const answer = {
      group,
      from,
      to,
      expected: movedOnAverage(from, to),
      newestLeave: shrinks ? movedByNewest(from, to) : null,
      oldestLeave: shrinks ? movedByOldest(from, to) : null,
    }
    return { ...answer, sentence: whatIfSentence(answer) }
  }
}
