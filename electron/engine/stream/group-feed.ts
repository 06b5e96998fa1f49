/** The stream of one group: its row, and the changes to its members, a page at a time (see cursor.ts). */
import { emptyColumns, pushGiven } from '../../contract/given.ts'
import type { GroupChange, GroupRow, MemberRow, MemberValues } from '../../contract/live.ts'
import type { Collector } from '../collect/collector.ts'
import { memberIdText } from '../collect/frame-fields.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { kernelSummary } from '../common/kernel-summary.ts'
import { TimeSlice } from '../common/time-slice.ts'
import { continueScan, type FrameCursor, formatCursor } from './cursor.ts'
import { waitForNewerFrame } from './newer-frame.ts'
import type { RemovalLog } from './removal-log.ts'

/** Complete members, and values of members, in one answer, where they are made quickly. */
const MEMBERS = 500
const VALUES = 2000

export class GroupFeed {
  readonly #collector: Collector
  readonly #sampler: Sampler
  readonly #removals: RemovalLog
  #lastSent: { refresh: number; row: GroupRow } | null = null

  constructor(collector: Collector, sampler: Sampler, removals: RemovalLog) {
    this.#collector = collector
    this.#sampler = sampler
    this.#removals = removals
  }

  /** As GroupsFeed.changes, for the group `id`. null when there is no such group, and was none recently. */
  async changes(id: string, after: string | undefined, signal: AbortSignal | undefined): Promise<GroupChange | null> {
    const { frame, resume } = await waitForNewerFrame(this.#sampler, after, this.#removals, signal)
    return this.#page(frame, id, resume)
  }

  #page(frame: FrameView, id: string, resume: FrameCursor | null): GroupChange | null {
    const reset = resume === null
    const beginning = reset || resume.at === ''
    const sweep = continueScan(resume, this.#removals.epoch, frame.refresh)
    const group = frame.rowOf(id)
    if (group < 0) return reset && !this.#removals.wasRemoved(id) ? null : this.#end(sweep, reset)

    const first = frame.firstSocket(group)
    const end = first + frame.socketCount(group)
    // Members are ordered by cookie, so the last delivered cookie is a cursor even after that member left.
    const delivered = sweep.at === '' ? -1n : BigInt(`0x${sweep.at}`)
    const whole = reset || sweep.since === 0 || frame.membersChanged(group) > sweep.since
    const joined: MemberRow[] = []
    const values = emptyValues()
    let socket = first
    const slice = new TimeSlice()
    for (; socket < end && joined.length < MEMBERS && values.members.length < VALUES; socket++) {
      if (joined.length + values.members.length > 0 && slice.expired) break
      const cookie = frame.cookie(socket)
      if (cookie <= delivered) continue
      const moved = frame.socketChanged(socket) > sweep.since
      const counted = frame.givenChanged(socket) > sweep.since
      const pollersMoved = (this.#collector.processTable.pollers(frame.inode(socket))?.changed ?? 0) > sweep.since
      if (pollersMoved || (moved && whole)) joined.push(frame.memberRow(socket))
      else if (moved || counted) push(values, memberIdText(cookie), frame.values(socket))
      else continue
      sweep.at = cookie.toString(16)
    }
    const more = socket < end
    return {
      cursor: formatCursor(more ? sweep : { ...sweep, since: sweep.began, at: '' }),
      reset,
      more,
      row: this.#rowOf(frame, group, id, beginning),
      left: beginning && !reset ? this.#removals.membersRemovedSince(id, sweep.since) : [],
      joined,
      values,
      ...(more ? {} : { kernel: this.#kernelOf(frame, group), counting: this.#counting() }),
      sampler: this.#sampler.state,
    }
  }

  #kernelOf(frame: FrameView, group: number): GroupChange['kernel'] {
    const first = frame.firstSocket(group)
    const numberOf = (cookie: string) => {
      const at = frame.socketOf(BigInt(cookie)) - first
      return at >= 0 && at < frame.socketCount(group) ? at + 1 : null
    }
    const groups = frame.kernelGroups(group)?.map((kernel) => kernelSummary(kernel, numberOf)) ?? null
    return { groups, unknownBecause: groups === null ? this.#collector.kernelGroups.unavailable : null }
  }

  #counting(): GroupChange['counting'] {
    const { since, unavailable } = this.#collector.givenCounts
    return { since: since?.toISOString() ?? null, unknownBecause: unavailable }
  }

  /** A group's row sums up all its members: it is made once for all pages of one frame. */
  #rowOf(frame: FrameView, group: number, id: string, beginning: boolean): GroupRow {
    const { refresh } = frame
    if (!beginning && this.#lastSent?.refresh === refresh && this.#lastSent.row.id === id) return this.#lastSent.row
    const row = frame.groupRow(group, this.#collector.ownerSummary(frame, group, id))
    this.#lastSent = { refresh, row }
    return row
  }

  #end(sweep: FrameCursor, reset: boolean): GroupChange {
    const cursor = formatCursor({ ...sweep, since: sweep.began, at: '' })
    const values = emptyValues()
    return { cursor, reset, more: false, row: null, left: [], joined: [], values, sampler: this.#sampler.state }
  }
}

function emptyValues(): MemberValues {
  return { members: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] }
}

function push(values: MemberValues, member: string, value: ReturnType<FrameView['values']>): void {
  values.members.push(member)
  values.lengths.push(value.length)
  values.limits.push(value.limit)
  values.drops.push(value.drops)
  values.dropsPerSecond.push(value.dropsPerSecond)
  if (value.given === undefined && values.given === undefined) return
  values.given ??= paddedColumns(values.members.length - 1)
  pushGiven(values.given, value.given)
}

/** Columns in which the first members are not counted. */
function paddedColumns(members: number): NonNullable<MemberValues['given']> {
  const columns = emptyColumns()
  for (let member = 0; member < members; member++) pushGiven(columns, undefined)
  return columns
}
