/**
 * What a single scrape cannot see: how often each finding was raised since the start, which members joined and left a
 * group and what was lost meanwhile, and removed groups. Groups keep the labels that they were first given, so that a
 * series does not break when a namespace is renamed.
 */
import type { FindingsChange } from '../../contract/analysis.ts'
import type { Group, GroupKey, Severity } from '../../contract/model.ts'

import { type FrameFields, groupIdText } from '../collect/frame-fields.ts'
import { TimeSlice } from '../common/time-slice.ts'
import {
  type GroupCounts,
  type GroupLabels,
  groupLabels,
  type RaisedCount,
  type ScrapeHistory,
} from '../snapshots/index.ts'
import { type CountedMember, GroupCounters } from './group-counters.ts'

/** How long the series of a group continue after it is removed or no longer shared: an alert has to see it. */
const REMOVED_SERIES_MS = 3_600_000
/** Removed groups that still have series. */
const MAX_REMOVED = 1000
/** Findings with a counter; beyond, the one that was raised longest ago is dropped. */
const MAX_RAISED = 5000

export class MetricsHistory implements ScrapeHistory {
  readonly counters = new GroupCounters()
  /** The first refresh that was observed; null before it. */
  #began: number | null = null
  readonly #labels = new Map<string, GroupLabels>()
  readonly #removedAt = new Map<string, number>()
  /** Severity of each active finding, by its id. */
  #active = new Map<string, Severity>()
  /** The same, before a reset whose rows are still arriving. */
  #before = new Map<string, Severity>()
  readonly #raised = new Map<string, RaisedCount>()

  /** Takes every frame, in order; its memory must stay valid until this is done. */
  async observe(frame: FrameFields): Promise<void> {
    this.#began ??= frame.refresh
    const began = this.#began
    for (const gone of frame.raw.removedGroups) {
      const id = groupIdText(gone)
      // A group that no scrape has shown has no series to keep.
      if (this.#labels.has(id)) this.counters.markRemoved(id)
      else this.counters.forget(id)
    }
    const slice = new TimeSlice()
    const first = frame.refresh === began
    for (let row = 0; row < frame.groups.count; row++) {
      const moved = frame.membersChanged(row) === frame.refresh
      const lost = frame.changed(row) === frame.refresh && frame.droppedOf(row) > 0
      const counted = frame.givenChangedOf(row) === frame.refresh
      if (!first && !moved && !lost && !counted) continue
      if (slice.expired) await slice.next()
      const plain = frame.isUnshared(row)
      if (plain && first) continue
      const id = frame.id(row)
      const known = this.counters.has(id)
      if (plain && !known) continue
      // A member that is new to a group that is already counted has joined, even if the socket itself is older.
      this.counters.record(id, receivers(frame, row, known ? 0 : began))
    }
  }

  /** Takes one answer of the findings stream, in order. Unshared sockets have no series, and so no findings here. */
  take({ reset, more, removed, rows }: Pick<FindingsChange, 'reset' | 'more' | 'removed' | 'rows'>): void {
    if (reset) {
      // All active ones follow: those that were active before are not raised again.
      this.#before = this.#active
      this.#active = new Map()
    }
    for (const id of removed) this.#active.delete(id)
    for (const { id, key, code, severity } of rows) {
      const before = this.#active.get(id) ?? this.#before.get(id)
      this.#active.set(id, severity)
      if (before === severity || (before !== undefined && RANKS[before] > RANKS[severity])) continue
      if (key.sharing !== 'none') this.#count(key, code, severity)
    }
    if (!more) this.#before = new Map()
  }

  get raised(): Iterable<RaisedCount> {
    return this.#raised.values()
  }

  countsOf(id: string): GroupCounts | null {
    return this.counters.of(id)
  }

  labelsOf(key: GroupKey, nameOf: (netns: number) => string): GroupLabels {
    let labels = this.#labels.get(key.id)
    if (labels === undefined) {
      labels = groupLabels(key, nameOf)
      this.#labels.set(key.id, labels)
    }
    return labels
  }

  /**
   * Takes the groups of a scrape, and its time. Returns those that had series before and are not among them: removed at
   * most an hour ago, or left with one member that shares its port with no one.
   */
  absent(present: readonly Group[], now: number): { labels: GroupLabels; counts: GroupCounts | null }[] {
    const ids = new Set(present.map(({ id }) => id))
    for (const id of this.#labels.keys()) {
      if (ids.has(id)) this.#removedAt.delete(id)
      else if (!this.#removedAt.has(id)) this.#removedAt.set(id, now)
    }
    // Those removed longest ago come first.
    for (const [id, at] of [...this.#removedAt]) {
      if (now - at <= REMOVED_SERIES_MS && this.#removedAt.size <= MAX_REMOVED) continue
      this.#removedAt.delete(id)
      this.#labels.delete(id)
      this.counters.forget(id)
      for (const [name, { key }] of this.#raised) if (key.id === id) this.#raised.delete(name)
    }
    return [...this.#removedAt.keys()].flatMap((id) => {
      const labels = this.#labels.get(id)
      return labels === undefined ? [] : [{ labels, counts: this.counters.of(id) }]
    })
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

/** The members of a group that receive; those seen by refresh `began` existed at the start. */
function* receivers(frame: FrameFields, row: number, began: number): Generator<CountedMember> {
  const first = frame.firstSocket(row)
  for (let socket = first; socket < first + frame.socketCount(row); socket++) {
    if (!frame.socketReceives(socket)) continue
    yield {
      // The inode stays the same when the source changes between sock_diag and /proc/net: that is no join.
      number: frame.inode(socket) || frame.cookieNumber(socket),
      drops: frame.dropsOf(socket),
      given: frame.given(socket)?.count,
      existedBefore: frame.socketSince(socket) <= began,
    }
  }
}
