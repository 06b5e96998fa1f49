/** Finds the events in the engine's frames, and logs them. */

import type { FindingRow } from '../../../contract/analysis.ts'
import type { Incident } from '../../../contract/events.ts'
import { programLines } from '../../../contract/kernel-group-text.ts'
import type { FindingsLog } from '../../analyze/findings/findings-log.ts'
import { removedMembers } from '../../analyze/findings/removed-members.ts'
import type { Collector } from '../../collect/collector.ts'
import { groupIdText } from '../../collect/frame-fields.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { TimeSlice } from '../../common/time-slice.ts'
import {
  FindingEvents,
  GroupEpisodes,
  type GroupFacts,
  PlaceEvents,
  type RaisedBefore,
  READINGS_TO_RAISE,
  unwatchedEvent,
} from '../../snapshots/index.ts'
import type { History } from '../history/history.ts'
import type { Memory } from '../memory.ts'
import type { EventLog } from './event-log.ts'
import type { MembershipLog } from './membership-log.ts'

/** Nothing was read for a while where a frame is this many intervals late. */
const LATE_INTERVALS = 3
const LATE_MS = 5000
/** Namespaces that are found within this time after the start were there before. */
const DISCOVERY_MS = 10_000
/** A finding of an earlier engine that is not raised again within this time has cleared. */
const RESUME_MS = 15_000
/** Up to this many groups are looked up by id; for more, one walk over all rows is cheaper. */
const MAX_ID_LOOKUPS = 32
/** Episodes that end in one frame: a millisecond. When the engine starts, each group has one. */
const MAX_SETTLED = 1000
/** Processes of one group that are compared: more are workers of one program. */
const MAX_PROCESSES = 256

export class EventsWatch {
  readonly log: EventLog
  readonly membership: MembershipLog
  readonly #collector: Collector
  readonly #findingsLog: FindingsLog
  readonly #history: History
  readonly #episodes: GroupEpisodes
  readonly #findings: FindingEvents
  readonly #places: PlaceEvents
  /** The shared groups as they were when their members last changed. */
  readonly #known = new Map<string, GroupFacts>()
  /** New groups whose sharing is not known yet. */
  readonly #undecided = new Set<string>()
  /** The namespaces of the previous frame. */
  #namespaces: ReadonlySet<number> = new Set()
  /** Findings of an earlier engine that were not raised again yet. */
  #raisedBefore: readonly RaisedBefore[] = []
  #startedAt: number | null = null
  #intervalMs = 0
  #previous: FrameView | null = null
  #kernelReadings = 0

  constructor(parts: { collector: Collector; findings: FindingsLog; memory: Memory }) {
    this.log = parts.memory.log
    this.membership = parts.memory.membership
    this.#collector = parts.collector
    this.#findingsLog = parts.findings
    this.#history = parts.memory.history
    const sink = { put: this.log.put, nameOf: (inode: number) => parts.collector.namespaces.nameOf(inode) }
    this.#episodes = new GroupEpisodes(sink)
    this.#findings = new FindingEvents(sink)
    this.#places = new PlaceEvents(sink)
    parts.findings.onChange = (row, change) => this.#noteFinding(row, change)
  }

  /** Takes every frame, in order, after its findings. The memory of the previous one must be valid too. */
  async observe(frame: FrameView, intervalMs: number): Promise<void> {
    const previous = this.#previous
    this.#previous = frame
    this.#intervalMs = intervalMs
    const at = frame.takenAt.getTime()
    if (previous !== null) this.#noteGap(frame, previous.takenAt.getTime(), at, intervalMs)
    this.#startedAt ??= at
    const namespaces = this.#collector.namespaces.list()
    this.#places.namespaces(namespaces, at, at - this.#startedAt < DISCOVERY_MS)
    // Sockets have other ids when their source changes: that is no event.
    const comparable = previous !== null && frame.refresh !== this.#collector.sourcesChangedAt
    await this.#noteMembers(frame, comparable ? previous : null, at)
    if (this.#collector.kernelGroups.readings !== this.#kernelReadings) {
      this.#kernelReadings = this.#collector.kernelGroups.readings
      await this.#notePrograms(frame, at)
    }
    this.#namespaces = new Set(namespaces.map(({ inode }) => inode))
    this.#episodes.settle(at, MAX_SETTLED)
    if (this.#raisedBefore.length > 0 && at - this.#startedAt >= RESUME_MS) this.#clearOthers(at)
  }

  /** Takes the findings that an earlier engine had raised. Those that go on are no events. */
  resume(raised: readonly RaisedBefore[]): void {
    for (const one of raised) this.#findings.resume(one)
    this.#raisedBefore = raised
  }

  #clearOthers(at: number): void {
    for (const { state } of this.#raisedBefore) {
      if (this.#findingsLog.raised.has(state.id)) continue
      this.#findings.clear({ ...state, lost: this.#history.lostBy(state.key.id) }, at)
    }
    this.#raisedBefore = []
  }

  /** The incident of a finding, as it is now; null where the finding is not raised. */
  incidentOf(finding: string): Incident | null {
    const group = this.#findingsLog.raised.get(finding)?.row.group
    return group === undefined ? null : this.#findings.incidentWith(finding, this.#history.lostBy(group))
  }

  async #noteMembers(frame: FrameView, previous: FrameView | null, at: number): Promise<void> {
    const removed = previous === null ? new Map() : removedMembers(frame, previous)
    for (const gone of frame.raw.removedGroups) this.#noteGone(groupIdText(gone), removed, at)
    const slice = new TimeSlice()
    const undecided = this.#undecidedRows(frame)
    if (previous !== null && undecided === null && !frame.anyMembersChanged()) return
    for (let row = 0; row < frame.groups.count; row++) {
      // In the first frame that is watched, also what an earlier one had.
      const changed = previous === null || frame.membersChanged(row) === frame.refresh
      if (!changed && undecided?.has(row) !== true) continue
      if (slice.expired) await slice.next()
      this.#noteRow(frame, row, previous === null ? null : removed, at)
    }
  }

  /** The rows of groups that are not decided yet. Ids are made only of those that may be: each is a new string. */
  #undecidedRows(frame: FrameView): ReadonlySet<number> | null {
    if (this.#undecided.size === 0) return null
    const rows = new Set<number>()
    if (this.#undecided.size <= MAX_ID_LOOKUPS) {
      for (const id of this.#undecided) rows.add(frame.rowOf(id))
      return rows
    }
    for (let row = 0; row < frame.groups.count; row++) if (this.#undecided.has(frame.id(row))) rows.add(row)
    return rows
  }

  #noteGone(id: string, removed: ReturnType<typeof removedMembers>, at: number): void {
    this.#undecided.delete(id)
    this.#places.forget(id)
    const before = this.#known.get(id)
    if (before === undefined) return
    this.#known.delete(id)
    this.membership.record(id, { at, from: before.members, to: 0 })
    const waiting = removed.get(id)?.reduce((sum, { queued }) => sum + queued, 0) ?? 0
    const lost = before.key.protocol === 'tcp' ? waiting : null
    this.#episodes.take(id, at, { before, after: null, joined: 0, left: before.members, lost })
  }

  /** `removed`: null where the frame cannot be compared with the one before. */
  #noteRow(frame: FrameView, row: number, removed: ReturnType<typeof removedMembers> | null, at: number): void {
    const id = frame.id(row)
    const before = this.#known.get(id) ?? null
    if (before === null && frame.isUnshared(row)) {
      // Its options may still be read.
      if (frame.isPending(row) || frame.sharing(row) === 'unknown') this.#undecided.add(id)
      else this.#undecided.delete(id)
      return
    }
    this.#undecided.delete(id)
    const after = this.#factsOf(frame, row)
    if (frame.isUnshared(row)) this.#known.delete(id)
    else this.#known.set(id, after)
    // The groups of a namespace that is new here may be older.
    if (removed === null || (before === null && !this.#namespaces.has(frame.netns(row)))) return
    const left = removed.get(id) ?? []
    const members = before?.members ?? 0
    this.membership.record(id, { at, from: members, to: after.members })
    const joined = Math.max(0, after.members - members + left.length)
    const waiting = left.reduce((sum, { queued }) => sum + queued, 0)
    const lost = after.key.protocol === 'tcp' && left.length > 0 ? this.#lostOf(id, waiting) : null
    this.#episodes.take(id, at, { before, after, joined, left: left.length, lost })
  }

  /** Of connections that waited on closed members, those that were not moved: where all were, there is no finding. */
  #lostOf(id: string, waiting: number): number {
    return this.#findingsLog.raised.has(`reload-lost-connections:${id}`) ? waiting : 0
  }

  #factsOf(frame: FrameView, row: number): GroupFacts {
    const pids = new Set<number>()
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row) && pids.size < MAX_PROCESSES; socket++) {
      frame.addHolderPids(socket, pids)
    }
    const processes = new Map([...pids].map((pid) => [pid, frame.startedAt(pid)]))
    return { key: frame.key(row), members: frame.receiving(row), processes, owner: ownerOf(frame, pids) }
  }

  async #notePrograms(frame: FrameView, at: number): Promise<void> {
    const slice = new TimeSlice()
    for (let row = 0; row < frame.groups.count; row++) {
      if (frame.isUnshared(row)) continue
      if (slice.expired) await slice.next()
      const groups = frame.kernelGroups(row)
      if (groups === undefined) continue
      const steered = groups.find(({ program }) => program !== null)
      const id = frame.id(row)
      const summary =
        steered === undefined ? null : (programLines(steered, (cookie) => `socket ${cookie}`)?.[0] ?? null)
      const known = this.#known.get(id)
      this.#places.program(known?.key ?? frame.key(row), known?.owner ?? null, summary, at)
    }
  }

  #noteFinding(row: FindingRow, change: 'raised' | 'cleared'): void {
    const { id, key, group } = row
    const at = (this.#collector.frame?.takenAt ?? new Date()).getTime()
    const state = {
      id,
      key,
      finding: row,
      owner: this.#known.get(group)?.owner ?? null,
      lost: this.#history.lostBy(group),
      lostLately: this.#history.lostSince(group, at - READINGS_TO_RAISE * this.#intervalMs),
    }
    if (change === 'raised') this.#findings.raise(state, at)
    else this.#findings.clear(state, at)
  }

  #noteGap(frame: FrameView, from: number, to: number, intervalMs: number): void {
    if (to - from <= Math.max(LATE_MS, LATE_INTERVALS * intervalMs)) return
    let lost = 0
    let doubtful = false
    for (let row = 0; row < frame.groups.count; row++) {
      const dropped = frame.droppedOf(row)
      if (dropped > 0 && frame.dropsOfGroup(row) !== null) lost += dropped
      else doubtful ||= dropped > 0
    }
    this.log.put(unwatchedEvent(from, to, doubtful && lost === 0 ? null : lost))
  }
}

/** The command that most of these processes have. */
function ownerOf(frame: FrameView, pids: Iterable<number>): string | null {
  const counts = new Map<string, number>()
  for (const pid of pids) {
    const command = frame.commandOf(pid)
    if (command !== null) counts.set(command, (counts.get(command) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most?.[0] ?? null
}
