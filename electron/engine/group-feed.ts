/** The stream of one group: its row, and the changes to its members, a page at a time (see position.ts). */
import type { GroupChange, GroupRow, MemberRow, MemberValues } from '../contract/live.ts'
import type { Departures } from './departures.ts'
import type { Inspection } from './inspection.ts'
import { newerThan } from './newer.ts'
import type { Picture } from './picture.ts'
import { memberIdText } from './picture-fields.ts'
import { type Sweep, writePosition } from './position.ts'
import type { Sampler } from './sampler.ts'
import { Slice } from './slice.ts'

/** Complete members, and values of members, in one answer, where they are made quickly. */
const MEMBERS = 500
const VALUES = 2000

export class GroupFeed {
  readonly #inspection: Inspection
  readonly #sampler: Sampler
  readonly #departures: Departures
  #told: { refresh: number; row: GroupRow } | null = null

  constructor(inspection: Inspection, sampler: Sampler, departures: Departures) {
    this.#inspection = inspection
    this.#sampler = sampler
    this.#departures = departures
  }

  /** As GroupsFeed.changes, for the group `id`. null when there is no such group, and was none recently. */
  async changes(id: string, after: string | undefined, signal: AbortSignal | undefined): Promise<GroupChange | null> {
    const { picture, resume } = await newerThan(this.#sampler, after, this.#departures, signal)
    return this.#page(picture, id, resume)
  }

  #page(picture: Picture, id: string, resume: Sweep | null): GroupChange | null {
    const reset = resume === null
    const beginning = reset || resume.at === ''
    const sweep: Sweep = beginning
      ? {
          epoch: this.#departures.epoch,
          since: resume?.began ?? 0,
          began: picture.refresh,
          seen: picture.refresh,
          at: '',
        }
      : { ...resume }
    const group = picture.rowOf(id)
    if (group < 0) return reset && !this.#departures.hasLeft(id) ? null : this.#end(sweep, reset)

    const first = picture.firstSocket(group)
    const end = first + picture.socketCount(group)
    // Members are ordered by cookie, so the last delivered cookie is a position even after that member left.
    const delivered = sweep.at === '' ? -1n : BigInt(`0x${sweep.at}`)
    const whole = reset || sweep.since === 0 || picture.membersChanged(group) > sweep.since
    const joined: MemberRow[] = []
    const values = emptyValues()
    let socket = first
    const slice = new Slice()
    for (; socket < end && joined.length < MEMBERS && values.members.length < VALUES; socket++) {
      if (joined.length + values.members.length > 0 && slice.over) break
      const cookie = picture.cookie(socket)
      if (cookie <= delivered) continue
      const moved = picture.socketChanged(socket) > sweep.since
      const pollersMoved = (this.#inspection.owners.pollers(picture.inode(socket))?.changed ?? 0) > sweep.since
      if (pollersMoved || (moved && whole)) joined.push(picture.memberRow(socket))
      else if (moved) push(values, memberIdText(cookie), picture.values(socket))
      else continue
      sweep.at = cookie.toString(16)
    }
    const more = socket < end
    return {
      position: writePosition(more ? sweep : { ...sweep, since: sweep.began, at: '' }),
      reset,
      more,
      row: this.#rowOf(picture, group, id, beginning),
      left: beginning && !reset ? this.#departures.socketsSince(id, sweep.since) : [],
      joined,
      values,
      sampling: this.#sampler.state,
    }
  }

  /** A group's row sums up all its members: it is made once for all pages of one frame. */
  #rowOf(picture: Picture, group: number, id: string, beginning: boolean): GroupRow {
    const { refresh } = picture
    if (!beginning && this.#told?.refresh === refresh && this.#told.row.id === id) return this.#told.row
    const row = picture.groupRow(group, this.#inspection.ownersOf(picture, group, id))
    this.#told = { refresh, row }
    return row
  }

  #end(sweep: Sweep, reset: boolean): GroupChange {
    const position = writePosition({ ...sweep, since: sweep.began, at: '' })
    const values = emptyValues()
    return { position, reset, more: false, row: null, left: [], joined: [], values, sampling: this.#sampler.state }
  }
}

function emptyValues(): MemberValues {
  return { members: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] }
}

function push(values: MemberValues, member: string, value: ReturnType<Picture['values']>): void {
  values.members.push(member)
  values.lengths.push(value.length)
  values.limits.push(value.limit)
  values.drops.push(value.drops)
  values.dropsPerSecond.push(value.dropsPerSecond)
}
