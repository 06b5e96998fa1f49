/** The stream of one group: its row, and what changed among its members, a page at a time (see position.ts). */
import type { GroupChange, MemberRow, MemberValues } from '../contract/live.ts'
import type { Inspection } from './inspection.ts'
import { newerThan } from './newer.ts'
import { groupIdText, type Picture } from './picture.ts'
import { type Sweep, writePosition } from './position.ts'
import type { Sampler } from './sampler.ts'

/** Whole members, or numbers of members, in one answer. */
const MEMBERS = 250
const VALUES = 4000
const REMEMBERED = 120

type Departure = { refresh: number; cookies: bigint[]; groups: bigint[] }

export class GroupFeed {
  readonly #inspection: Inspection
  readonly #sampler: Sampler
  readonly #epoch: string
  readonly #departures: Departure[] = []
  /** Ids of groups that left lately: the difference between "gone" and "never heard of". */
  readonly #goneGroups = new Map<string, number>()
  #rememberedFrom = 0
  #seen = 0

  constructor(inspection: Inspection, sampler: Sampler, epoch: string) {
    this.#inspection = inspection
    this.#sampler = sampler
    this.#epoch = epoch
  }

  /** Called with every new picture, in order: keeps who left. */
  remember(picture: Picture): void {
    if (picture.refresh <= this.#seen) return
    this.#seen = picture.refresh
    const { goneSockets, goneSocketGroups, goneGroups } = picture.frame
    if (goneSockets.length > 0) {
      this.#departures.push({ refresh: picture.refresh, cookies: [...goneSockets], groups: [...goneSocketGroups] })
    }
    for (const id of goneGroups) this.#goneGroups.set(groupIdText(id), picture.refresh)
    this.#rememberedFrom = Math.max(0, picture.refresh - REMEMBERED)
    while (this.#departures[0] && this.#departures[0].refresh <= this.#rememberedFrom) this.#departures.shift()
    for (const [id, refresh] of this.#goneGroups) if (refresh <= this.#rememberedFrom) this.#goneGroups.delete(id)
  }

  /** As GroupsFeed.changes, for the group `id`. null when no such group is there or was there lately. */
  async changes(id: string, after: string | undefined, signal: AbortSignal | undefined): Promise<GroupChange | null> {
    const mayResume = (position: Sweep) => this.#mayResume(position)
    const { picture, resume } = await newerThan(this.#sampler, after, mayResume, signal)
    return this.#page(picture, id, resume)
  }

  #mayResume(position: Sweep): boolean {
    const oldest = Math.max(this.#rememberedFrom, this.#inspection.resetAt)
    return position.epoch === this.#epoch && position.began >= oldest
  }

  #page(picture: Picture, id: string, resume: Sweep | null): GroupChange | null {
    const reset = resume === null
    const beginning = reset || resume.at === ''
    const sweep: Sweep = beginning
      ? { epoch: this.#epoch, since: resume?.began ?? 0, began: picture.refresh, seen: picture.refresh, at: '' }
      : { ...resume }
    const group = picture.rowOf(id)
    if (group < 0) return reset && !this.#goneGroups.has(id) ? null : this.#end(sweep, reset)

    const first = picture.firstSocket(group)
    const end = first + picture.socketCount(group)
    // Members are ordered by cookie, so the cookie delivered last is a place even after that member left.
    const delivered = sweep.at === '' ? -1n : BigInt(`0x${sweep.at}`)
    const whole = reset || sweep.since === 0 || picture.membersChanged(group) > sweep.since
    const joined: MemberRow[] = []
    const values = emptyValues()
    let socket = first
    for (; socket < end && joined.length < MEMBERS && values.cookies.length < VALUES; socket++) {
      const cookie = picture.cookie(socket)
      if (cookie <= delivered) continue
      const moved = picture.socketChanged(socket) > sweep.since
      const pollersMoved = (this.#inspection.owners.pollers(picture.inode(socket))?.changed ?? 0) > sweep.since
      if (pollersMoved || (moved && whole)) joined.push(picture.memberRow(socket))
      else if (moved) push(values, String(cookie), picture.values(socket))
      else continue
      sweep.at = cookie.toString(16)
    }
    const more = socket < end
    return {
      position: writePosition(more ? sweep : { ...sweep, since: sweep.began, at: '' }),
      reset,
      more,
      row: picture.groupRow(group, this.#inspection.ownersOf(picture, group, id)),
      left: beginning && !reset ? this.#departedSince(id, sweep.since) : [],
      joined,
      values,
      sampling: this.#sampler.state,
    }
  }

  #end(sweep: Sweep, reset: boolean): GroupChange {
    const position = writePosition({ ...sweep, since: sweep.began, at: '' })
    const values = emptyValues()
    return { position, reset, more: false, row: null, left: [], joined: [], values, sampling: this.#sampler.state }
  }

  #departedSince(id: string, refresh: number): string[] {
    const group = BigInt(`0x${id}`)
    return this.#departures.flatMap((departure) =>
      departure.refresh > refresh
        ? departure.cookies.filter((_, index) => departure.groups[index] === group).map(String)
        : [],
    )
  }
}

function emptyValues(): MemberValues {
  return { cookies: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] }
}

function push(values: MemberValues, cookie: string, value: ReturnType<Picture['values']>): void {
  values.cookies.push(cookie)
  values.lengths.push(value.length)
  values.limits.push(value.limit)
  values.drops.push(value.drops)
  values.dropsPerSecond.push(value.dropsPerSecond)
}
