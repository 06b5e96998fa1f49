/** The stream of group changes: what changed since a cursor, a page at a time (see position.ts). */
import type { GroupsChange } from '../contract/live.ts'
import type { Departures } from './departures.ts'
import type { Inspection } from './inspection.ts'
import { newerThan } from './newer.ts'
import type { Picture } from './picture.ts'
import { type Sweep, writePosition } from './position.ts'
import type { Sampler } from './sampler.ts'
import { Slice } from './slice.ts'

/**
 * Rows in one answer, and the members that they sum up, where they are made quickly: large answers delay the reader
 * too.
 */
const ROWS = 200
const MEMBERS = 5000

/** What the reader wants: everything, or shared groups only; on any port, or on one. */
export type GroupsRequest = { after?: string | undefined; all: boolean; port?: number | undefined }

export class GroupsFeed {
  readonly #inspection: Inspection
  readonly #sampler: Sampler
  readonly #departures: Departures

  constructor(inspection: Inspection, sampler: Sampler, departures: Departures) {
    this.#inspection = inspection
    this.#sampler = sampler
    this.#departures = departures
  }

  /** Answers when there is something newer than `after`, or after a while with the sampler status alone. */
  async changes(request: GroupsRequest, signal: AbortSignal | undefined): Promise<GroupsChange> {
    const { picture, resume } = await newerThan(this.#sampler, request.after, this.#departures, signal)
    return this.#page(picture, resume, request)
  }

  #page(picture: Picture, resume: Sweep | null, { all, port }: GroupsRequest): GroupsChange {
    const reset = resume === null
    const beginning = reset || resume.at === ''
    const sweep: Sweep = beginning
      ? {
          epoch: this.#departures.epoch,
          since: resume?.began ?? 0,
          began: picture.refresh,
          seen: resume?.seen ?? 0,
          at: '',
        }
      : { ...resume }
    // The last delivered row is gone: start the scan again rather than lose changes before it.
    let row = sweep.at === '' ? 0 : picture.rowOf(sweep.at) + 1
    const rows: GroupsChange['rows'] = []
    let members = 0
    const hidden: string[] = []
    const slice = new Slice()
    for (; row < picture.groups.count && rows.length < ROWS && members < MEMBERS; row++) {
      if (rows.length > 0 && slice.over) break
      if (port !== undefined && picture.port(row) !== port) continue
      if (!reset && picture.changed(row) <= sweep.since) continue
      const id = picture.id(row)
      if (!all && picture.isPlain(row)) {
        // It may have been shared until now: that changes only with its members.
        if (!reset && picture.membersChanged(row) > sweep.since && picture.since(row) <= sweep.seen) hidden.push(id)
        continue
      }
      rows.push(picture.groupRow(row, this.#inspection.ownersOf(picture, row, id)))
      members += picture.socketCount(row)
      sweep.at = id
    }
    const more = row < picture.groups.count
    if (!more) sweep.at = ''
    sweep.seen = picture.refresh
    const gone = beginning && !reset ? this.#departures.groupsSince(sweep.since) : []
    return {
      position: writePosition(more ? sweep : { ...sweep, since: sweep.began }),
      reset,
      more,
      rows,
      gone: gone.concat(hidden),
      totals: { ...picture.totals(), processesRefused: this.#inspection.owners.refused },
      namespaces: this.#inspection.namespaces.list(),
      sampling: this.#sampler.state,
    }
  }
}
