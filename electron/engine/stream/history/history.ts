/**
 * What the engine remembers of every group's queue and losses, and of its members' where they are few: an hour, within
 * a fixed amount of memory. Only groups and members that ever had something in their queue, or lost something, take any.
 */
import { utilizationOf } from '../../../contract/utilization.ts'
import { groupIdText } from '../../collect/frame-fields.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { rowsMoved } from '../../collect/rows-moved.ts'
import { TimeSlice } from '../../common/time-slice.ts'
import { DoubtfulGrowth } from './doubtful-growth.ts'
import { type Steps, UNKNOWN } from './step-rings.ts'
import { HISTORY_MS, Tracks } from './tracks.ts'

const GROUP_BYTES = 12 << 20
const MEMBER_BYTES = 12 << 20
/** Members of larger groups have no history of their own. */
export const MAX_REMEMBERED_MEMBERS = 64
/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 256
/** A refresh is late, and the time before it unknown, after this many intervals. */
const LATE_INTERVALS = 3

/** Of a row whose track was not looked up yet. */
const NOT_LOOKED_UP = -1
/** Of a row without a track. */
const NO_TRACK = -2

type Remembered = { readonly track: number; lost: number; goneAt: number | null }

/** A group at a past moment: its utilization in thousandths or UNKNOWN, and what it lost since the moment before. */
export type RecalledGroup = {
  readonly id: string
  readonly utilization: number
  readonly lost: number
  readonly members: readonly RecalledMember[]
}
export type RecalledMember = { readonly cookie: bigint; readonly utilization: number; readonly lost: number }

export type HistoryUsage = {
  readonly bytes: number
  readonly maxBytes: number
  /** How far back it reaches, and the length of its finest step, in milliseconds. */
  readonly spanMs: number
  readonly stepMs: number
  /** Groups and members that have a history. */
  readonly groups: number
  readonly members: number
}

export class History {
  readonly #groups = new Tracks(GROUP_BYTES)
  readonly #members = new Tracks(MEMBER_BYTES)
  readonly #byId = new Map<string, Remembered>()
  readonly #byMember = new Map<bigint, number>()
  /**
   * The track of each socket and group by its row, while no row moves: a cookie is slower to look up than all else here,
   * and an object for each row would be read from memory in every refresh.
   */
  #sockets = new Int32Array(0)
  #rows = new Int32Array(0)
  /** Groups that were removed: a restarted service has the same id, and continues. */
  readonly #gone = new Map<string, number>()
  /** The group of each track. */
  readonly #byTrack: Remembered[] = []
  readonly #doubtful = new DoubtfulGrowth()
  readonly #doubtfulMembers = new DoubtfulGrowth()
  #previous: FrameView | null = null
  #now = 0
  /** Whether there are members of an earlier engine, which may be gone by now. */
  #recalled = false

  /** Takes every frame, in order, with the interval in which they are made. Its memory must be valid meanwhile. */
  async observe(frame: FrameView, intervalMs: number): Promise<void> {
    const now = frame.takenAt.getTime()
    // What this frame adds was recalled already.
    if (this.#recalled && this.#now === now) return
    this.#now = now
    this.#groups.tick(now, LATE_INTERVALS * intervalMs)
    this.#members.tick(now, LATE_INTERVALS * intervalMs)
    if (this.#recalled) this.#dropMissing(frame)
    for (const id of frame.raw.removedGroups) this.#end(groupIdText(id), now)
    for (const cookie of frame.raw.removedSockets) this.#endMember(cookie)
    this.#forgetGone(now)
    // In the first frame that is watched, also what changed in an earlier one.
    const since = this.#previous === null ? 0 : frame.refresh
    const moved = rowsMoved(frame, this.#previous)
    if (moved) this.#rows = new Int32Array(frame.groups.count).fill(NOT_LOOKED_UP)
    if (moved || frame.anyMembersChanged() || this.#sockets.length !== frame.sockets.count) {
      this.#sockets = new Int32Array(frame.sockets.count).fill(NOT_LOOKED_UP)
    }
    this.#previous = frame
    const slice = new TimeSlice()
    for (let row = 0; row < frame.groups.count; row += ROWS_PER_LOOK) {
      if (slice.expired) await slice.next()
      this.#recordRows(frame, row, Math.min(row + ROWS_PER_LOOK, frame.groups.count), since)
    }
    if (!this.#doubtful.isEmpty) this.#decide(frame, since)
  }

  /**
   * Takes what groups were like at `at`, in milliseconds since 1970, before the first frame and in order of time. The
   * time before it is unknown where it is more than `heldMs`. Groups that are left out were as before.
   */
  recall(at: number, heldMs: number, groups: readonly RecalledGroup[]): void {
    this.#now = at
    this.#recalled = true
    this.#groups.tick(at, heldMs)
    this.#members.tick(at, heldMs)
    for (const { id, utilization, lost, members } of groups) {
      const known = this.#byId.get(id) ?? (utilization > 0 || lost > 0 ? this.#beginRecalled(id, at) : null)
      if (known !== null) {
        known.lost += lost
        this.#groups.record(known.track, at, utilization, lost)
        // Where it does not exist any more, it is forgotten in time.
        this.#noteGone(id, known, at)
      }
      for (const { cookie, utilization, lost } of members) {
        const track = this.#byMember.get(cookie) ?? (utilization > 0 || lost > 0 ? this.#members.begin(at, 0) : null)
        if (track === null) continue
        this.#byMember.set(cookie, track)
        this.#members.record(track, at, utilization, lost)
      }
    }
  }

  #beginRecalled(id: string, at: number): Remembered | null {
    const track = this.#groups.begin(at, 0)
    return track === null ? null : this.#remember(id, track)
  }

  #remember(id: string, track: number): Remembered {
    const known = { track, lost: 0, goneAt: null }
    this.#byId.set(id, known)
    this.#byTrack[track] = known
    return known
  }

  #dropMissing(frame: FrameView): void {
    this.#recalled = false
    const present = new Set<bigint>()
    for (let socket = 0; socket < frame.sockets.count; socket++) present.add(frame.cookie(socket))
    for (const cookie of [...this.#byMember.keys()]) if (!present.has(cookie)) this.#endMember(cookie)
  }

  /** Not a part of `observe`, because V8 runs loops in an async function more slowly. */
  #recordRows(frame: FrameView, from: number, to: number, since: number): void {
    for (let row = from; row < to; row++) if (frame.changed(row) >= since) this.#record(frame, row, since)
  }

  /** The history of a group since `since`, the oldest part first; empty where its queue was always empty. */
  ofGroup(id: string, since: number): Steps[] {
    const known = this.#byId.get(id)
    return known === undefined ? [] : this.#groups.read(known.track, since, this.#now)
  }

  /** The same for a member, by its cookie. */
  ofMember(cookie: bigint, since: number): Steps[] {
    const track = this.#byMember.get(cookie)
    return track === undefined ? [] : this.#members.read(track, since, this.#now)
  }

  /** What a group lost since the engine began to watch it, by the difference of the kernel's counters. */
  lostBy(id: string): number {
    return this.#byId.get(id)?.lost ?? 0
  }

  /** What a group lost since `since`, in milliseconds since 1970, to the length of a step. */
  lostSince(id: string, since: number): number {
    return this.ofGroup(id, since).reduce(
      (sum, { lost }) => lost.reduce((total, one) => total + Math.max(0, one), sum),
      0,
    )
  }

  /** The groups that have a history. */
  get ids(): Iterable<string> {
    return this.#byId.keys()
  }

  /** The times since `since` in which nothing was read, in milliseconds since 1970. */
  gaps(since: number): { from: number; to: number }[] {
    return this.#groups.gaps(since, this.#now)
  }

  get usage(): HistoryUsage {
    return {
      bytes: this.#groups.bytes + this.#members.bytes,
      maxBytes: this.#groups.maxBytes + this.#members.maxBytes,
      spanMs: HISTORY_MS,
      stepMs: Math.max(this.#groups.stepMs, this.#members.stepMs),
      groups: this.#groups.count,
      members: this.#members.count,
    }
  }

  /** `since`: the refresh from which on changes are not recorded yet. */
  #record(frame: FrameView, row: number, since: number): void {
    const utilization = utilizationOfGroup(frame, row)
    const dropped = frame.droppedOf(row)
    let track = this.#rows[row] ?? NOT_LOOKED_UP
    if (track < 0) {
      if (track === NOT_LOOKED_UP) track = this.#knownTrackOf(frame, row)
      if (track === NO_TRACK && (utilization > 0 || dropped > 0)) track = this.#beginTrack(frame, row, utilization)
      this.#rows[row] = track
      if (track === NO_TRACK) return
    }
    this.#recordTrack(frame, row, track, utilization, dropped)
    if (frame.receiving(row) <= MAX_REMEMBERED_MEMBERS) this.#recordMembers(frame, row, since)
  }

  #recordTrack(frame: FrameView, row: number, track: number, utilization: number, dropped: number): void {
    const mayBeLoss = dropped > 0 || (!this.#doubtful.isEmpty && this.#doubtful.has(track))
    const lost = mayBeLoss ? this.#doubtful.lost(track, dropped, frame.dropsOfGroup(row) !== null) : 0
    const known = this.#byTrack[track]
    if (lost > 0 && known !== undefined) known.lost += lost
    this.#groups.record(track, this.#now, utilization, lost)
  }

  /** Records what has become certain of groups in which nothing else changed. */
  #decide(frame: FrameView, since: number): void {
    for (let row = 0; row < frame.groups.count; row++) {
      if (frame.changed(row) >= since) continue
      let track = this.#rows[row] ?? NOT_LOOKED_UP
      if (track === NOT_LOOKED_UP) {
        track = this.#knownTrackOf(frame, row)
        this.#rows[row] = track
      }
      if (track < 0 || !this.#doubtful.has(track) || frame.dropsOfGroup(row) === null) continue
      this.#recordTrack(frame, row, track, utilizationOfGroup(frame, row), 0)
      if (frame.receiving(row) <= MAX_REMEMBERED_MEMBERS) this.#recordMembers(frame, row, since)
    }
  }

  #knownTrackOf(frame: FrameView, row: number): number {
    const known = this.#byId.get(frame.id(row))
    if (known === undefined) return NO_TRACK
    known.goneAt = null
    return known.track
  }

  #beginTrack(frame: FrameView, row: number, utilization: number): number {
    const track = this.#groups.begin(frame.groupSeenAt(row).getTime(), utilization === UNKNOWN ? UNKNOWN : 0)
    return track === null ? NO_TRACK : this.#remember(frame.id(row), track).track
  }

  #recordMembers(frame: FrameView, row: number, since: number): void {
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      const changed = frame.socketChanged(socket) >= since
      if ((!changed && this.#doubtfulMembers.isEmpty) || !frame.socketReceives(socket)) continue
      const utilization = utilizationOf(frame.queueLength(socket), frame.queueLimit(socket))
      const dropped = changed ? (frame.dropsDelta(socket) ?? 0) : 0
      let track = this.#sockets[socket] ?? NOT_LOOKED_UP
      if (track === NOT_LOOKED_UP) {
        const idle = !changed || (utilization <= 0 && dropped === 0)
        const found = this.#trackOf(frame, socket, idle, utilization)
        if (found === null) continue
        track = found
        this.#sockets[socket] = track
      }
      const mayBeLoss = dropped > 0 || (!this.#doubtfulMembers.isEmpty && this.#doubtfulMembers.has(track))
      if (!changed && !mayBeLoss) continue
      const lost = mayBeLoss ? this.#doubtfulMembers.lost(track, dropped, frame.dropsOf(socket) !== null) : 0
      this.#members.record(track, this.#now, utilization, lost)
    }
  }

  /** The track of a member, begun unless it is `idle`; null where it has none. */
  #trackOf(frame: FrameView, socket: number, idle: boolean, utilization: number): number | null {
    const cookie = frame.cookie(socket)
    const known = this.#byMember.get(cookie)
    if (known !== undefined || idle) return known ?? null
    const begun = this.#members.begin(frame.socketSeenAt(socket).getTime(), utilization === UNKNOWN ? UNKNOWN : 0)
    if (begun !== null) this.#byMember.set(cookie, begun)
    return begun
  }

  #end(id: string, now: number): void {
    const known = this.#byId.get(id)
    if (known === undefined) return
    this.#groups.record(known.track, now, UNKNOWN, 0)
    this.#noteGone(id, known, now)
  }

  /** Those removed longest ago come first. */
  #noteGone(id: string, known: Remembered, now: number): void {
    this.#gone.delete(id)
    this.#gone.set(id, now)
    known.goneAt = now
  }

  #endMember(cookie: bigint): void {
    const track = this.#byMember.get(cookie)
    if (track === undefined) return
    this.#byMember.delete(cookie)
    this.#doubtfulMembers.forget(track)
    this.#members.end(track)
  }

  #forgetGone(now: number): void {
    for (const [id, at] of this.#gone) {
      if (now - at <= HISTORY_MS) return
      this.#gone.delete(id)
      const known = this.#byId.get(id)
      // It may have come back since.
      if (known?.goneAt !== at) continue
      this.#byId.delete(id)
      this.#doubtful.forget(known.track)
      this.#groups.end(known.track)
    }
  }
}

/** Of its fullest member, in thousandths of the limit. */
function utilizationOfGroup(frame: FrameView, row: number): number {
  const fullest = frame.fullestOf(row)
  return fullest === null ? UNKNOWN : utilizationOf(frame.queueLength(fullest), frame.queueLimit(fullest))
}
