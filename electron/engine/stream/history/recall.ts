/** Fills the memory of a new engine from the recording of an earlier one. */
import { receives } from '../../../contract/constants.ts'
import type { Group, Member, Snapshot } from '../../../contract/model.ts'
import { utilizationOf } from '../../../contract/utilization.ts'
import { difference, type RecordedSnapshot, type RecordingState, SnapshotEvents } from '../../snapshots/index.ts'
import type { Memory } from '../memory.ts'
import { MAX_REMEMBERED_MEMBERS, type RecalledGroup } from './history.ts'
import { UNKNOWN } from './step-rings.ts'
import { HISTORY_MS } from './tracks.ts'

/** The time between two snapshots is unknown where it is longer than this, and than this many times the shortest. */
const HELD_MS = 12_000
const LATE_TIMES = 5

export class Recall {
  readonly events = new SnapshotEvents()
  readonly #memory: Memory
  /** The shortest time between two snapshots so far. */
  #shortestMs = Number.POSITIVE_INFINITY
  #at = Number.NaN
  readonly #since: number
  readonly #bootId: string | null
  /** Members that receive, of each group. */
  readonly #sizes = new Map<string, number>()
  #began = false

  /** `now` and `bootId`: of this engine. Cookies of another boot name other sockets. */
  constructor(memory: Memory, now: number, bootId: string | null) {
    this.#memory = memory
    this.#since = now - HISTORY_MS
    this.#bootId = bootId
  }

  /** Takes the snapshots of the recording, in order. */
  readonly take = ({ state, frame, steps }: RecordedSnapshot): void => {
    const snapshot = state.snapshot()
    const at = Date.parse(snapshot.takenAt)
    this.events.add(snapshot)
    if (at > this.#at) this.#shortestMs = Math.min(this.#shortestMs, at - this.#at)
    this.#at = at
    const sameBoot = snapshot.host.bootId === this.#bootId
    const lost = new Map<string, Map<string, number>>()
    for (const { key, whole, members } of steps) {
      const changed = new Map<string, number>()
      for (const { before, after } of whole === null ? members : []) {
        if (after?.cookie != null) changed.set(after.cookie, lostBetween(before, after))
      }
      lost.set(key.id, changed)
    }
    const ids = frame === null ? snapshot.groups.map(({ id }) => id) : [...lost.keys()]
    for (const id of ids) this.#noteSize(id, state.group(id), at, frame === null)
    if (at < this.#since) return
    // Of groups that did not change since, the first snapshot within the time says how they were.
    const all = this.#began ? [...lost.keys()] : snapshot.groups.map(({ id }) => id)
    this.#began = true
    const groups = all.map((id) => recalledGroup(id, state.group(id), lost.get(id) ?? new Map(), sameBoot))
    this.#memory.history.recall(at, Math.max(HELD_MS, LATE_TIMES * this.#shortestMs), groups)
  }

  /** Takes the first snapshot of this engine, after `state`, which changes with it. */
  resume(state: RecordingState, snapshot: Snapshot): void {
    const last = state.snapshot()
    const ids = new Set(snapshot.groups.map(({ id }) => id))
    // Whether findings go on is known only after several frames.
    const findings = last.findings.filter(({ group }) => ids.has(group))
    const frame = difference(last, { ...snapshot, findings })
    this.take({ state, frame, steps: state.apply(frame) })
  }

  #noteSize(id: string, group: Group | null, at: number, first: boolean): void {
    const from = this.#sizes.get(id) ?? 0
    const to = group?.members.filter(({ state }) => receives(state)).length ?? 0
    this.#sizes.set(id, to)
    if (!first && group?.sharing !== 'none') this.#memory.membership.record(id, { at, from, to })
  }
}

function recalledGroup(
  id: string,
  group: Group | null,
  lost: ReadonlyMap<string, number>,
  sameBoot: boolean,
): RecalledGroup {
  const receivers = group?.members.filter(({ state }) => receives(state)) ?? []
  const fills = receivers.map(({ queue }) => utilizationOf(queue.length, queue.limit))
  const remembered = sameBoot && receivers.length <= MAX_REMEMBERED_MEMBERS
  return {
    id,
    utilization: fills.length === 0 ? UNKNOWN : Math.max(...fills),
    lost: receivers.reduce((sum, { cookie }) => sum + (lost.get(cookie ?? '') ?? 0), 0),
    members: (remembered ? receivers : []).flatMap(({ cookie }, at) =>
      cookie === null ? [] : { cookie: BigInt(cookie), utilization: fills[at] ?? UNKNOWN, lost: lost.get(cookie) ?? 0 },
    ),
  }
}

function lostBetween(before: Member | null, after: Member): number {
  if (before === null || before.drops === null || after.drops === null) return 0
  return Math.max(0, after.drops - before.drops)
}
