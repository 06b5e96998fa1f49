/**
 * What one scrape cannot see for itself: how often each finding was raised since the start, what was lost by members
 * that have left, and groups that were there and are gone. Groups keep the labels that they were first given, so that a
 * series does not break when a namespace gets another name.
 */
import type { FindingsChange } from '../../contract/analysis.ts'
import type { Group, GroupKey, Severity } from '../../contract/model.ts'
import { endpointText } from '../addresses.ts'
import { DropsCounter } from './drops-counter.ts'

/** How long a group that is gone stays at no members, for an alert to see it. */
const GONE_MS = 3_600_000
/** Groups that are gone and still told of. */
const MAX_GONE = 1000
/** Findings with a counter; of more the one that was raised longest ago is forgotten. */
const MAX_RAISED = 5000

export type GroupLabels = {
  readonly group: string
  readonly netns: string
  readonly protocol: string
  readonly endpoint: string
}
export type RaisedCount = { readonly key: GroupKey; readonly code: string; readonly severity: Severity; count: number }

export class MetricsHistory {
  readonly drops = new DropsCounter()
  readonly #labels = new Map<string, GroupLabels>()
  readonly #goneAt = new Map<string, number>()
  /** Severity of each finding that stands, by its id. */
  #standing = new Map<string, Severity>()
  /** The same, of before a reset whose rows are still coming. */
  #before = new Map<string, Severity>()
  readonly #raised = new Map<string, RaisedCount>()

  /** Takes one answer of the stream of findings, in order. Plain sockets have no series, and so no findings here. */
  take({ reset, more, gone, rows }: Pick<FindingsChange, 'reset' | 'more' | 'gone' | 'rows'>): void {
    if (reset) {
      // All that stand follow: what stood before is not raised again.
      this.#before = this.#standing
      this.#standing = new Map()
    }
    for (const id of gone) this.#standing.delete(id)
    for (const { id, key, code, severity } of rows) {
      const before = this.#standing.get(id) ?? this.#before.get(id)
      this.#standing.set(id, severity)
      if (before === severity || (before !== undefined && RANKS[before] > RANKS[severity])) continue
      if (key.sharing !== 'none') this.#count(key, code, severity)
    }
    if (!more) this.#before = new Map()
  }

  /** How often each was raised with this severity, or grew to it, since the start. */
  get raised(): Iterable<RaisedCount> {
    return this.#raised.values()
  }

  /** The labels of a group, the same ones every time. */
  labelsOf(key: GroupKey, nameOf: (netns: number) => string): GroupLabels {
    let labels = this.#labels.get(key.id)
    if (labels === undefined) {
      const { id, protocol, address, port, interface: on, netns } = key
      const endpoint = `${endpointText(address, port)}${on === null ? '' : `%${on}`}`
      labels = { group: id, netns: nameOf(netns), protocol, endpoint }
      this.#labels.set(id, labels)
    }
    return labels
  }

  /** To be told which groups a scrape has, and when it was; gives the labels of those that left during the last hour. */
  gone(present: readonly Group[], now: number): GroupLabels[] {
    const ids = new Set(present.map(({ id }) => id))
    for (const id of this.#labels.keys()) {
      if (ids.has(id)) this.#goneAt.delete(id)
      else if (!this.#goneAt.has(id)) this.#goneAt.set(id, now)
    }
    // The longest gone come first.
    for (const [id, at] of [...this.#goneAt]) {
      if (now - at <= GONE_MS && this.#goneAt.size <= MAX_GONE) continue
      this.#goneAt.delete(id)
      this.#labels.delete(id)
      for (const [name, { key }] of this.#raised) if (key.id === id) this.#raised.delete(name)
    }
    return [...this.#goneAt.keys()].flatMap((id) => this.#labels.get(id) ?? [])
  }

  #count(key: GroupKey, code: string, severity: Severity): void {
    const name = `${key.id} ${code} ${severity}`
    const count = (this.#raised.get(name)?.count ?? 0) + 1
    this.#raised.delete(name)
    this.#raised.set(name, { key, code, severity, count })
    const [oldest] = this.#raised.keys()
    if (this.#raised.size > MAX_RAISED && oldest !== undefined) this.#raised.delete(oldest)
  }
}

const RANKS = { info: 1, warning: 2, critical: 3 } as const
