/**
 * The members of the group on screen. An entry lives as long as its member and is the same object throughout, so a lane
 * or a cell listens to its own entry only, and a refresh costs what changed.
 */

import { fillOf } from '../../electron/contract/fullness.ts'
import type { GroupChange, MemberRow, MemberValues } from '../../electron/contract/live.ts'
import { receives } from '../../electron/contract/meaning.ts'
import { memberId } from '../../electron/contract/model.ts'
import { GONE_MS, NEW_MS, type Presence } from '../groups/group-table.ts'
import { MemberColumns } from './member-columns.ts'
import { type MemberOwner, ownerOf } from './member-owner.ts'

export type MemberEntry = {
  /** `memberId` of its row. */
  readonly id: string
  /** From 1 in the order of joining, as far as it is known; not used again while the group is on screen. */
  number: number
  row: MemberRow
  owner: MemberOwner | null
  /** Thousandths of the limit, as fillOf gives it. */
  fill: number
  presence: Presence
  /** Its cell in the heat grid; -1 where it has none. */
  place: number
  /** Its place in the columns; -1 where it has none. */
  index: number
  /** Counts every change: the snapshot of a subscription. */
  version: number
}

/** Told once for each answer. `moved`: entries whose numbers changed. `membership`: members came, went, or belong to another process. */
export type MembersListener = (moved: ReadonlySet<MemberEntry>, membership: boolean) => void

type Timed = { entry: MemberEntry; at: number }

export class MemberTable {
  readonly #entries = new Map<string, MemberEntry>()
  readonly #listeners = new Set<MembersListener>()
  readonly #entryListeners = new Map<MemberEntry, Set<() => void>>()
  #marks: Timed[] = []
  #unseen: Set<string> | null = null
  #next = 1
  #complete = false
  /** Members came or went in a page of a picture that is not whole yet. */
  #reordered = false
  #receivers: readonly MemberEntry[] | null = null
  #columns: MemberColumns | null = null
  #membership = 0
  #departures = { members: 0, waiting: 0 }

  /** True once every member was heard of. */
  get complete(): boolean {
    return this.#complete
  }

  /** Members heard of, those that are going included. */
  get size(): number {
    return this.#entries.size
  }

  /** Counts how often members came, went or changed hands. */
  get membership(): number {
    return this.#membership
  }

  /** How many left while the group was on screen, and what waited in their queues when they were last seen. */
  get departures(): { members: number; waiting: number } {
    return this.#departures
  }

  get(id: string): MemberEntry | undefined {
    return this.#entries.get(id)
  }

  /**
   * Those that receive, by number; ones that left are among them while they are marked. The same array until that changes,
   * and, while a picture comes in page by page, until it is whole: what is made of all members is made once.
   */
  receivers(): readonly MemberEntry[] {
    this.#receivers ??= [...this.#entries.values()]
      .filter(({ row }) => receives(row.state))
      .sort((a, b) => a.number - b.number)
    return this.#receivers
  }

  /** The numbers of `receivers()`, current at any time. */
  columns(): MemberColumns {
    const members = this.receivers()
    if (this.#columns?.members !== members) this.#columns = new MemberColumns(members)
    return this.#columns
  }

  /** Takes one answer of the stream. `now` in milliseconds since the epoch. */
  apply(change: GroupChange, now: number): void {
    const moved = new Set<MemberEntry>()
    let membership = false
    // A replaced picture keeps the entries that come again: what did not change does not move.
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
    this.#tell(moved, this.#reordered && !change.more)
  }

  /** Ends what was marked for a time only. To be called about twice a second. */
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
    this.#tell(moved, membership)
  }

  subscribe(listener: MembersListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back when this one entry changes. Returns what ends it. */
  subscribeEntry(entry: MemberEntry, listener: () => void): () => void {
    const listeners = this.#entryListeners.get(entry) ?? new Set()
    this.#entryListeners.set(entry, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#entryListeners.delete(entry)
    }
  }

  /** True where the list of members is another than before. */
  #put(row: MemberRow, now: number, moved: Set<MemberEntry>): boolean {
    const id = memberId(row)
    this.#unseen?.delete(id)
    const known = this.#entries.get(id)
    if (known && known.presence !== 'gone') {
      const received = receives(known.row.state)
      const { owner } = known
      known.row = row
      known.owner = ownerOf(row)
      known.fill = fillOf(row.queue)
      this.#touch(known, moved)
      if (known.number === 0 && receives(row.state)) known.number = this.#next++
      return received !== receives(row.state) || !sameProcess(owner, known.owner)
    }
    const entry: MemberEntry = {
      id,
      // The first picture comes in the order of cookies, which is the order of slots in the table of groups.
      number: receives(row.state) ? this.#next++ : 0,
      row,
      owner: ownerOf(row),
      fill: fillOf(row.queue),
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

  #takeValues({ members, lengths, limits, drops, dropsPerSecond }: MemberValues, moved: Set<MemberEntry>): void {
    for (let i = 0; i < members.length; i++) {
      const entry = this.#entries.get(members[i] ?? '')
      if (!entry) continue
      const { queue } = entry.row
      queue.length = known(lengths[i])
      queue.limit = known(limits[i])
      entry.row.drops = known(drops[i])
      entry.row.dropsPerSecond = known(dropsPerSecond[i])
      entry.fill = fillOf(queue)
      this.#touch(entry, moved)
    }
  }

  #markGone(id: string, now: number, moved: Set<MemberEntry>): boolean {
    const entry = this.#entries.get(id)
    if (!entry || entry.presence === 'gone') return false
    entry.presence = 'gone'
    if (receives(entry.row.state)) {
      const { members, waiting } = this.#departures
      this.#departures = { members: members + 1, waiting: waiting + (entry.row.queue.length ?? 0) }
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

  #tell(moved: ReadonlySet<MemberEntry>, membership: boolean): void {
    if (membership) {
      this.#reordered = false
      if (this.#complete) this.#receivers = null
      this.#membership++
    }
    if (moved.size === 0 && !membership) return
    for (const listener of this.#listeners) listener(moved, membership)
    if (this.#entryListeners.size === 0) return
    for (const entry of moved) for (const listener of this.#entryListeners.get(entry) ?? []) listener()
  }
}

function sameProcess(a: MemberOwner | null, b: MemberOwner | null): boolean {
  return a?.pid === b?.pid && a?.startedAt === b?.startedAt && a?.how === b?.how
}

function known(value: number | undefined): number | null {
  return value === undefined || value < 0 ? null : value
}
