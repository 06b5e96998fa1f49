/** The stream of group changes: what changed since a cursor, a page at a time (see cursor.ts). */
import type { GroupsChange } from '../../contract/live.ts'
import type { Collector } from '../collect/collector.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { TimeSlice } from '../common/time-slice.ts'
import { continueScan, type FrameCursor, formatCursor } from './cursor.ts'
import { waitForNewerFrame } from './newer-frame.ts'
import type { RemovalLog } from './removal-log.ts'

/**
 * Rows in one answer, and the members that they sum up, where they are made quickly: large answers delay the reader
 * too.
 */
const ROWS = 200
const MEMBERS = 5000

/** What the reader wants: everything, or shared groups only; on any port, or on one. */
export type GroupsRequest = { after?: string | undefined; all: boolean; port?: number | undefined }

export class GroupsFeed {
  readonly #collector: Collector
  readonly #sampler: Sampler
  readonly #removals: RemovalLog

  constructor(collector: Collector, sampler: Sampler, removals: RemovalLog) {
    this.#collector = collector
    this.#sampler = sampler
    this.#removals = removals
  }

  /** Answers when there is something newer than `after`, or after a while with the sampler status alone. */
  async changes(request: GroupsRequest, signal: AbortSignal | undefined): Promise<GroupsChange> {
    const { frame, resume } = await waitForNewerFrame(this.#sampler, request.after, this.#removals, signal)
    return this.#page(frame, resume, request)
  }

  #page(frame: FrameView, resume: FrameCursor | null, { all, port }: GroupsRequest): GroupsChange {
    const reset = resume === null
    const beginning = reset || resume.at === ''
    const sweep = continueScan(resume, this.#removals.epoch, frame.refresh)
    // The last delivered row is gone: start the scan again rather than lose changes before it.
    let row = sweep.at === '' ? 0 : frame.rowOf(sweep.at) + 1
    const rows: GroupsChange['rows'] = []
    let members = 0
    const hidden: string[] = []
    const slice = new TimeSlice()
    for (; row < frame.groups.count && rows.length < ROWS && members < MEMBERS; row++) {
      if (rows.length > 0 && slice.expired) break
      if (port !== undefined && frame.port(row) !== port) continue
      if (!reset && frame.changed(row) <= sweep.since && frame.givenChangedOf(row) <= sweep.since) continue
      const id = frame.id(row)
      if (!all && frame.isUnshared(row)) {
        // It may have been shared until now: that changes only with its members.
        if (!reset && frame.membersChanged(row) > sweep.since && frame.since(row) <= sweep.seen) hidden.push(id)
        continue
      }
      rows.push(frame.groupRow(row, this.#collector.ownerSummary(frame, row, id)))
      members += frame.socketCount(row)
      sweep.at = id
    }
    const more = row < frame.groups.count
    if (!more) sweep.at = ''
    sweep.seen = frame.refresh
    const removed = beginning && !reset ? this.#removals.groupsRemovedSince(sweep.since) : []
    return {
      cursor: formatCursor(more ? sweep : { ...sweep, since: sweep.began }),
      reset,
      more,
      rows,
      removed: removed.concat(hidden),
      totals: { ...frame.totals(), processesRefused: this.#collector.processTable.refused },
      namespaces: this.#collector.namespaces.list(),
      sampler: this.#sampler.state,
    }
  }
}
