/** The services that answer queries about groups; one instance per engine. */
import type { Flow, Waiting, WhatIf } from '../../contract/analysis.ts'
import type { FlowsAnswer } from '../../contract/flows.ts'
import type { NamespaceCounters } from '../../contract/live.ts'
import type { EngineCore } from '../engine-core.ts'
import { type BalanceQuery, measureBalance, rowOfGroup } from './balance.ts'
import { ConnectionCounter } from './connections.ts'
import { type FindingsFeed, findingsFeed } from './findings/findings-feed.ts'
import { namespaceCounters } from './findings/namespace-facts.ts'
import { receivingSockets } from './kernel-lookup.ts'
import { mapClients } from './map-clients.ts'
import { followPacket } from './path.ts'
import { portUse } from './port/port-use.ts'
import { probeClient } from './probe-client.ts'
import { recentFrame } from './recent-frame.ts'
import { waitingIn } from './waiting.ts'
import { movedByNewest, movedByOldest, movedOnAverage } from './what-if.ts'
import { whatIfSummary } from './what-if-summary.ts'

/** Where another request ended sampling meanwhile. */
const NOT_YET = 'nothing has been sampled yet'

export class Analysis {
  readonly findings: FindingsFeed
  readonly #core: EngineCore
  readonly #connections: ConnectionCounter

  constructor(core: EngineCore) {
    const { collector, sampler, removals, findings } = core
    this.#core = core
    this.#connections = new ConnectionCounter(collector)
    this.findings = findingsFeed(findings.log, sampler, removals.epoch)
  }

  probe(flow: Flow) {
    return probeClient(this.#core, flow)
  }

  map(question: Parameters<typeof mapClients>[1]) {
    return mapClients(this.#core.lookup, question)
  }

  path(flow: Parameters<typeof followPacket>[1]) {
    return followPacket(this.#core, flow)
  }

  port(question: Parameters<typeof portUse>[1]) {
    return portUse(this.#core, question)
  }

  counters(): NamespaceCounters[] {
    const { namespaces, reader } = this.#core.collector
    return namespaces.list().flatMap(({ inode: netns }) => {
      try {
        return [{ netns, counters: Object.fromEntries(namespaceCounters(reader, netns)) }]
      } catch {
        return []
      }
    })
  }

  /** Throws InvalidQuery if the group does not exist. */
  async waiting(id: string): Promise<Waiting | null> {
    const { collector, sampler } = this.#core
    const frame = await recentFrame(collector, sampler)
    return waitingIn(collector, frame, rowOfGroup(frame, id))
  }

  /** Throws InvalidQuery if the group does not exist. */
  async flows(id: string): Promise<FlowsAnswer> {
    const { collector, sampler } = this.#core
    const frame = await recentFrame(collector, sampler)
    const cookies = receivingSockets(frame, rowOfGroup(frame, id)).map((socket) => frame.memberId(socket))
    const recent = await collector.flowSamples.of(id, cookies)
    return { recent, unknownBecause: recent === null ? (collector.flowSamples.unavailable ?? NOT_YET) : null }
  }

  balance(query: BalanceQuery) {
    const count = (forMs: number) => this.#core.count(forMs)
    return measureBalance({ ...this.#core, connections: this.#connections, count }, query)
  }

  /** Throws InvalidQuery if the group does not exist. */
  async whatIf(id: string, to: number): Promise<WhatIf> {
    const frame = await recentFrame(this.#core.collector, this.#core.sampler)
    const row = rowOfGroup(frame, id)
    const group = frame.key(row)
    const from = frame.receiving(row)
    const shrinks = to < from
    const answer = {
      group,
      from,
      to,
      expected: movedOnAverage(from, to),
      newestLeave: shrinks ? movedByNewest(from, to) : null,
      oldestLeave: shrinks ? movedByOldest(from, to) : null,
    }
    return { ...answer, summary: whatIfSummary(answer) }
  }
}
