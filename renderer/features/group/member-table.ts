/**
 * The members of the group on screen. An entry lives as long as its member and stays the same object, so a lane or cell
 * subscribes only to its own entry, and a refresh costs only what changed.
 */

import { receives } from '../../../electron/contract/constants.ts'
import { givenAt } from '../../../electron/contract/given.ts'
import { memberId } from '../../../electron/contract/ids.ts'
import type { GroupChange, MemberRow, MemberValues } from '../../../electron/contract/live.ts'
import { utilization } from '../../../electron/contract/utilization.ts'
import { GONE_MS, NEW_MS } from '../../model/groups/group-table.ts'
import { KeyedListeners } from '../../model/keyed-listeners.ts'
import { MemberColumns } from './member-columns.ts'
import type { MemberEntry } from './member-entry.ts'
import { type MemberOwner, ownerOf } from './member-owner.ts'

/**
 * Called once per change batch. `moved`: entries whose numbers changed. `membership`: members were added, removed, or
 * changed process.
 */
export type MembersListener = (moved: ReadonlySet<MemberEntry>, membership: boolean) => void

type Timed = { entry: MemberEntry; at: number }

export class MemberTable {
  readonly #entries = new Map<string, MemberEntry>()
  readonly #listeners = new Set<MembersListener>()
  readonly #entryListeners = new KeyedListeners<MemberEntry>()
  #marks: Timed[] = []
  #unseen: Set<string> | null = null
  #next = 1
  #complete = false
  /** Members were added or removed in a page of an incomplete frame. */
  #reordered = false
  #receivers: readonly MemberEntry[] | null = null
  #columns: MemberColumns | null = null
  #membership = 0
  #removals = { members: 0, waiting: 0 }

  /** True once every member has been received. */
  get complete(): boolean {
    return this.#complete
  }

  /** Members received, including removed ones that are still shown. */
  get size(): number {
    return this.#entries.size
  }

  /** Counts how often members were added, removed or changed process. */
  get membership(): number {
    return this.#membership
  }

  /** How many members left while the group was on screen, and what was last seen waiting in their queues. */
  get removals(): { members: number; waiting: number } {
    return this.#removals
  }

  get(id: string): MemberEntry | undefined {
    return this.#entries.get(id)
  }

  /**
   * The receiving members by number, including removed ones while they are marked. The same array until that changes;
   * while a frame arrives page by page, until it is complete, so that summaries of all members are computed once.
   */
  receivers(): readonly MemberEntry[] {
    this.#receivers ??= [...this.#entries.values()]
      .filter(({ row }) => receives(row.state))
      .sort((a, b) => a.number - b.number)
    return this.#receivers
  }

  /** The columns of `receivers()`, always current. */
  columns(): MemberColumns {
    const members = this.receivers()
    if (this.#columns?.members !== members) this.#columns = new MemberColumns(members)
    return this.#columns
  }

  /** Applies one change of the stream. `now` in milliseconds since the epoch. */
  apply(change: GroupChange, now: number): void {
    const moved = new Set<MemberEntry>()
    let membership = false
    // Entries that are also in the new frame are kept, so unchanged members do not move.
    if (change.reset) this.#unseen = new Set(this.#entries.keys())
    for (const id of change.left) membership = this.#markGone(id, now, moved) || membership
    for (const row of change.joined) membership = this.#put(row, now, moved) || membership
    this.#takeValues(change.values, moved)
    if (!change.more) {
      for (const id of this.#unseen ?? []) membership = this.#markGone(id, now, moved) || membership
      this.#unseen = null
      if (!this.#complete) {
        this.#complete = true
        membership = true
      }
    }
    this.#reordered ||= membership
    this.#notify(moved, this.#reordered && !change.more)
  }

  /** Ends expired marks. Call about twice per second. */
  sweep(now: number): void {
    const due = this.#marks.filter(({ at }) => at <= now)
    if (due.length === 0) return
    this.#marks = this.#marks.filter(({ at }) => at > now)
    const moved = new Set<MemberEntry>()
    let membership = false
    for (const { entry } of due) {
      if (entry.presence === 'gone' && this.#entries.get(entry.id) === entry) {
        this.#entries.delete(entry.id)
        membership = true
      } else if (entry.presence === 'new') {
        entry.presence = 'here'
        this.#touch(entry, moved)
      }
    }
    this.#notify(moved, membership)
  }

  subscribe(listener: MembersListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `listener` when this entry changes. Returns the unsubscribe function. */
  subscribeEntry(entry: MemberEntry, listener: () => void): () => void {
    return this.#entryListeners.add(entry, listener)
  }

  /** Returns whether the list of members changed. */
  #put(row: MemberRow, now: number, moved: Set<MemberEntry>): boolean {
    const id = memberId(row)
    this.#unseen?.delete(id)
    const known = this.#entries.get(id)
    if (known && known.presence !== 'gone') {
      const received = receives(known.row.state)
      const { owner } = known
      known.row = row
      known.owner = ownerOf(row)
      known.fill = utilization(row.queue)
      this.#touch(known, moved)
      if (known.number === 0 && receives(row.state)) known.number = this.#next++
      return received !== receives(row.state) || !sameProcess(owner, known.owner)
    }
    const entry: MemberEntry = {
      id,
      // The first frame arrives in cookie order, which is the order of slots in the groups table.
      number: receives(row.state) ? this.#next++ : 0,
      row,
      owner: ownerOf(row),
      fill: utilization(row.queue),
      presence: this.#complete ? 'new' : 'here',
      place: -1,
      index: -1,
      version: 0,
    }
    this.#entries.set(id, entry)
    if (entry.presence === 'new') this.#marks.push({ entry, at: now + NEW_MS })
    this.#touch(entry, moved)
    return true
  }

  #takeValues({ members, lengths, limits, drops, dropsPerSecond, given }: MemberValues, moved: Set<MemberEntry>): void {
    for (let i = 0; i < members.length; i++) {
      const entry = this.#entries.get(members[i] ?? '')
      if (!entry) continue
      const { queue } = entry.row
      queue.length = known(lengths[i])
      queue.limit = known(limits[i])
      entry.row.drops = known(drops[i])
      entry.row.dropsPerSecond = known(dropsPerSecond[i])
      const counted = given === undefined ? undefined : givenAt(given, i)
      if (counted === undefined) delete entry.row.given
      else entry.row.given = counted
      entry.fill = utilization(queue)
      this.#touch(entry, moved)
    }
  }

  #markGone(id: string, now: number, moved: Set<MemberEntry>): boolean {
    const entry = this.#entries.get(id)
    if (!entry || entry.presence === 'gone') return false
    entry.presence = 'gone'
    if (receives(entry.row.state)) {
      const { members, waiting } = this.#removals
      this.#removals = { members: members + 1, waiting: waiting + (entry.row.queue.length ?? 0) }
    }
    this.#marks.push({ entry, at: now + GONE_MS })
    this.#touch(entry, moved)
    return true
  }

  #touch(entry: MemberEntry, moved: Set<MemberEntry>): void {
    entry.version++
    moved.add(entry)
    this.#columns?.put(entry)
  }

  #notify(moved: ReadonlySet<MemberEntry>, membership: boolean): void {
    if (membership) {
      this.#reordered = false
      if (this.#complete) this.#receivers = null
      this.#membership++
    }
    if (moved.size === 0 && !membership) return
    for (const listener of this.#listeners) listener(moved, membership)
    for (const entry of moved) this.#entryListeners.call(entry)
  }
}

function sameProcess(a: MemberOwner | null, b: MemberOwner | null): boolean {
  return a?.pid === b?.pid && a?.startedAt === b?.startedAt && a?.how === b?.how
}

function known(value: number | undefined): number | null {
  return value === undefined || value < 0 ? null : value
}
