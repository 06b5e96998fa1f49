/** The services that answer queries about groups; one instance per engine. */
import type { WhatIf } from '../../contract/analysis.ts'
import type { Observation } from '../observation.ts'
import { rowOfGroup, weighGroup } from './balance.ts'
import { ConnectionCounter } from './connections.ts'
import { FindingsFeed } from './findings/findings-feed.ts'
import type { Oracle } from './oracle.ts'
import { followPacket } from './path.ts'
import { whoHasPort } from './port-use.ts'
import { recentPicture } from './recent-picture.ts'
import { movedByNewest, movedByOldest, movedOnAverage } from './what-if.ts'
import { whatIfSentence } from './what-if-words.ts'

export class Analysis {
  readonly oracle: Oracle
  readonly findings: FindingsFeed
  readonly #observation: Observation
  readonly #connections: ConnectionCounter

  constructor(observation: Observation) {
    const { inspection, sampler, departures, watch } = observation
    this.#observation = observation
    this.oracle = observation.oracle
    this.#connections = new ConnectionCounter(inspection)
    this.findings = new FindingsFeed(watch, sampler, departures.epoch)
  }

  path(flow: Parameters<typeof followPacket>[1]) {
    return followPacket(this.#observation, flow)
  }

  port(question: Parameters<typeof whoHasPort>[1]) {
    return whoHasPort(this.#observation, question)
  }

  balance(id: string, clients: number) {
    return weighGroup({ ...this.#observation, connections: this.#connections }, id, clients)
  }

  /** Throws Unanswerable if the group does not exist. */
  async whatIf(id: string, to: number): Promise<WhatIf> {
    const picture = await recentPicture(this.#observation.inspection, this.#observation.sampler)
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
