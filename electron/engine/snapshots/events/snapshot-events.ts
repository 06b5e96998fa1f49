/** The events of a recording, or of any snapshots of one machine in their order. */

import { receives } from '../../../contract/constants.ts'
import type { LoggedEvent } from '../../../contract/events.ts'
import { memberId } from '../../../contract/ids.ts'
import { programLines } from '../../../contract/kernel-group-text.ts'
import type { Group, Member, Snapshot } from '../../../contract/model.ts'
import { ownersOf } from '../compare-owners.ts'
import { keyOf } from '../group-key.ts'
import { type EventSink, unwatchedEvent } from './event-draft.ts'
import { FindingEvents, type FindingState, type RaisedBefore, READINGS_TO_RAISE } from './finding-events.ts'
import { GroupEpisodes, type GroupFacts } from './group-episodes.ts'
import { PlaceEvents } from './place-events.ts'

/** Nothing was recorded for a while where a snapshot is this many times later than the shortest distance of two. */
const LATE_TIMES = 5
const LATE_MS = 5000

export class SnapshotEvents {
  readonly #events: LoggedEvent[] = []
  readonly #episodes: GroupEpisodes
  readonly #findings: FindingEvents
  readonly #places: PlaceEvents
  /** What each group lost so far, also by members that left. */
  readonly #lost = new Map<string, number>()
  /** What each group lost from each of the last snapshots to the next. */
  #lately: Map<string, number>[] = []
  #before: Snapshot | null = null
  #shortestMs = Number.POSITIVE_INFINITY
  #reported = 0

  constructor() {
    const sink: EventSink = {
      put: (event, replaces) => {
        const id = replaces ?? this.#events.length + 1
        this.#events[id - 1] = { id, ...event }
        return id
      },
      nameOf: (inode) => this.#before?.namespaces.find((one) => one.inode === inode)?.name ?? null,
    }
    this.#episodes = new GroupEpisodes(sink)
    this.#findings = new FindingEvents(sink)
    this.#places = new PlaceEvents(sink)
    this.#put = sink.put
  }

  readonly #put: EventSink['put']

  /** Takes the next snapshot. */
  add(snapshot: Snapshot): void {
    const at = Date.parse(snapshot.takenAt)
    const before = this.#before
    this.#before = snapshot
    this.#lately = [...this.#lately.slice(1 - READINGS_TO_RAISE), new Map()]
    const lost = before === null ? 0 : this.#changes(before, snapshot, at)
    if (before !== null) this.#noteGap(Date.parse(before.takenAt), at, lost)
    this.#places.namespaces(snapshot.namespaces, at)
    this.#findingsAt(before, snapshot, at)
    this.#episodes.settle(at)
  }

  /** Ends what is still open, at the last snapshot. */
  finish(): void {
    this.#episodes.finish()
  }

  /** The findings that are raised at the last snapshot. */
  raised(): RaisedBefore[] {
    if (this.#before === null) return []
    const { findings, groups } = this.#before
    const byId = new Map(groups.map((group) => [group.id, group]))
    return findings.flatMap((finding) => {
      const state = this.#stateOf(finding, byId)
      return (state && this.#findings.raisedBefore(state)) ?? []
    })
  }

  /** All events so far, the oldest first. */
  get all(): readonly LoggedEvent[] {
    return this.#events
  }

  /** The events that cannot change any more and were not taken before. They come in the order in which they began. */
  takeSettled(): LoggedEvent[] {
    const from = this.#reported
    while (this.#events[this.#reported]?.until != null) this.#reported++
    return this.#events.slice(from, this.#reported)
  }

  /** Returns what all groups lost. */
  #changes(before: Snapshot, after: Snapshot, at: number): number {
    if (before.groups === after.groups) return 0
    const were = new Map(before.groups.map((group) => [group.id, group]))
    const migrates = before.sysctls['net.ipv4.tcp_migrate_req'] === 1
    let lost = 0
    for (const group of after.groups) {
      const was = were.get(group.id) ?? null
      were.delete(group.id)
      if (was === group) continue
      lost += this.#changeOf(was, group, migrates, at)
      this.#program(group, at)
    }
    for (const was of were.values()) {
      this.#places.forget(was.id)
      if (was.sharing !== 'none') this.#take(was, null, 0, was.members.filter(isReceiver), false, at)
    }
    return lost
  }

  #changeOf(was: Group | null, group: Group, migrates: boolean, at: number): number {
    const members = new Map((was?.members ?? []).filter(isReceiver).map((member) => [memberId(member), member]))
    let joined = 0
    let lost = 0
    for (const member of group.members) {
      if (!isReceiver(member)) continue
      const known = members.get(memberId(member))
      members.delete(memberId(member))
      if (known === undefined) joined++
      else if (known.drops !== null && member.drops !== null) lost += Math.max(0, member.drops - known.drops)
    }
    if (lost > 0) {
      this.#lost.set(group.id, (this.#lost.get(group.id) ?? 0) + lost)
      this.#lately.at(-1)?.set(group.id, lost)
    }
    const shared = group.sharing !== 'none' || (was !== null && was.sharing !== 'none')
    const changed = joined > 0 || members.size > 0 || !sameHolders(was, group)
    if (shared && changed) this.#take(was, group, joined, [...members.values()], migrates, at)
    return lost
  }

  #take(
    was: Group | null,
    group: Group | null,
    joined: number,
    left: readonly Member[],
    migrates: boolean,
    at: number,
  ): void {
    const key = group ?? was
    if (key === null) return
    const waiting = left.reduce((sum, { queue }) => sum + (queue.length ?? 0), 0)
    const countable = key.protocol === 'tcp' && left.length > 0 && !migrates
    this.#episodes.take(key.id, at, {
      before: was === null ? null : factsOf(was),
      after: group === null ? null : factsOf(group),
      joined,
      left: left.length,
      lost: countable ? waiting : null,
    })
  }

  #program(group: Group, at: number): void {
    const { kernelGroups } = group
    if (kernelGroups === undefined) return
    const steered = kernelGroups.find(({ program }) => program !== null)
    const summary = steered === undefined ? null : (programLines(steered, (cookie) => `socket ${cookie}`)?.[0] ?? null)
    this.#places.program(keyOf(group), ownerOf(group), summary, at)
  }

  #findingsAt(before: Snapshot | null, { findings, groups }: Snapshot, at: number): void {
    if (before?.findings === findings) return
    const byId = new Map(groups.map((group) => [group.id, group]))
    const raised = new Set<string>()
    for (const finding of findings) {
      const state = this.#stateOf(finding, byId)
      if (state === null) continue
      raised.add(state.id)
      this.#findings.raise(state, at)
    }
    if (before === null) return
    const earlier = new Map(before.groups.map((group) => [group.id, group]))
    for (const finding of before.findings) {
      const state = raised.has(`${finding.code}:${finding.group}`) ? null : this.#stateOf(finding, earlier)
      if (state !== null) this.#findings.clear(state, at)
    }
  }

  #stateOf(finding: Snapshot['findings'][number], among: ReadonlyMap<string, Group>): FindingState | null {
    const group = among.get(finding.group)
    if (group === undefined) return null
    const lost = this.#lost.get(group.id) ?? 0
    const lostLately = this.#lately.reduce((sum, one) => sum + (one.get(group.id) ?? 0), 0)
    return {
      id: `${finding.code}:${finding.group}`,
      key: keyOf(group),
      owner: ownerOf(group),
      finding,
      lost,
      lostLately,
    }
  }

  #noteGap(from: number, to: number, lost: number): void {
    const ms = to - from
    if (ms > LATE_MS && ms > LATE_TIMES * this.#shortestMs) this.#put(unwatchedEvent(from, to, lost))
    if (ms > 0) this.#shortestMs = Math.min(this.#shortestMs, ms)
  }
}

function isReceiver({ state }: Member): boolean {
  return receives(state)
}

function ownerOf({ members }: Group): string | null {
  return ownersOf(members)[0]?.command ?? null
}

function factsOf(group: Group): GroupFacts {
  const processes = new Map<number, string | null>()
  for (const { holders } of group.members) {
    for (const { pid, startedAt } of holders ?? []) processes.set(pid, startedAt)
  }
  return { key: keyOf(group), members: group.members.filter(isReceiver).length, processes, owner: ownerOf(group) }
}

function sameHolders(was: Group | null, group: Group): boolean {
  const pids = (one: Group | null) =>
    [...new Set((one?.members ?? []).flatMap(({ holders }) => (holders ?? []).map(({ pid }) => pid)))].sort().join()
  return pids(was) === pids(group)
}
