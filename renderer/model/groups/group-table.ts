/**
 * The page's groups. An entry lives as long as its group and stays the same object, so a row on screen subscribes only
 * to its own entry, and a refresh costs only what changed.
 */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import type { GroupRow, GroupsChange } from '../../../electron/contract/live.ts'
import { type GroupSeverity, NO_TROUBLE, rankOf, severityOf } from '../../../electron/contract/trouble.ts'
import { utilization } from '../../../electron/contract/utilization.ts'
import { utilizationBand } from '../../ui/utilization.ts'
import type { History } from '../history/history.ts'
import { KeyedListeners } from '../keyed-listeners.ts'
import { sharingParts } from './shared-parts.ts'

/** How long a new row is marked, and a removed one stays visible: --motion-new and --motion-gone of tokens.css. */
export const NEW_MS = 1600
export const GONE_MS = 1000
/** How long a row keeps its place after its trouble ends. */
export const HELD_MS = 5000

/** A refresh within this many intervals leaves no gap in the history. */
const LATE_INTERVALS = 3

export type Presence = 'here' | 'new' | 'gone'

/** Cells that flash when their content changes. */
export type Flash = 'members' | 'owners' | 'sharing' | 'queue' | 'drops'

export type GroupEntry = {
  readonly id: string
  row: GroupRow
  presence: Presence
  /** When its new or gone mark ends, in milliseconds since the epoch. */
  markedUntil: number
  trouble: GroupSeverity
  /** Its findings, including muted ones. */
  findings: readonly FindingRow[]
  /** Change count per cell: a view that sees a new count flashes once. */
  flashes: Record<Flash, number>
  /** Counts every change of this entry; the snapshot value of its subscription. */
  version: number
}

/** Called once per change batch, with every touched entry. */
export type TableListener = (touched: ReadonlySet<GroupEntry>) => void

const NONE_FOUND: readonly FindingRow[] = []

type Timed = { entry: GroupEntry; at: number }

export class GroupTable {
  readonly #entries = new Map<string, GroupEntry>()
  readonly #rowListeners = new KeyedListeners<string>()
  readonly #tableListeners = new Set<TableListener>()
  #history: History
  #live = true
  /** Entries with an expiring mark, ordered by expiry. */
  #newUntil: Timed[] = []
  #goneUntil: Timed[] = []
  readonly #heldUntil = new Map<GroupEntry, number>()
  /** By group id; a finding may arrive before its group. */
  readonly #findings = new Map<string, readonly FindingRow[]>()
  /** Groups not yet seen in the frame that replaces the current one; null while none is being replaced. */
  #unseen: Set<string> | null = null
  #hadFrame = false
  /** The frame that replaces the current one is of another source: what differs did not change. */
  #switching = false

  constructor(history: History) {
    this.#history = history
  }

  get size(): number {
    return this.#entries.size
  }

  get(id: string): GroupEntry | undefined {
    return this.#entries.get(id)
  }

  /** Every entry, including removed ones while they are still shown. */
  entries(): IterableIterator<GroupEntry> {
    return this.#entries.values()
  }

  /**
   * Switches to another stream with its own history. `live`: it shows the current state. Entries stay until the first
   * frame replaces them.
   */
  switchTo(history: History, live: boolean): void {
    this.#history = history
    this.#live = live
    this.#heldUntil.clear()
    this.#switching = true
  }

  /** Applies one change of the stream. `now` in milliseconds since the epoch. */
  apply(change: GroupsChange, now: number): void {
    const touched = new Set<GroupEntry>()
    const takenAt = change.sampler.takenAt === null ? now : Date.parse(change.sampler.takenAt)
    this.#history.tick(takenAt, LATE_INTERVALS * change.sampler.intervalMs + change.sampler.durationMs)
    // Entries that are also in the new frame are kept, so unchanged rows do not move.
    if (change.reset) this.#unseen = new Set(this.#entries.keys())
    // A removed id may be added again in the same change.
    for (const id of change.removed) this.#markGone(id, now, touched)
    for (const row of change.rows) {
      this.#unseen?.delete(row.id)
      touched.add(this.#put(row, now))
      this.#history.record(row.id, takenAt, utilization(row.fullest), row.drops)
    }
    if (!change.more) {
      for (const id of this.#unseen ?? []) this.#drop(id, touched)
      // Groups that ended while another stream was shown.
      if (this.#unseen !== null) this.#history.retain((id) => this.#entries.has(id))
      this.#unseen = null
      this.#hadFrame = true
      this.#switching = false
    }
    this.#notify(touched)
  }

  /** Sets findings by group id; an empty list clears them. */
  setFindings(found: ReadonlyMap<string, readonly FindingRow[]>, now: number): void {
    const touched = new Set<GroupEntry>()
    for (const [id, findings] of found) {
      if (findings.length > 0) this.#findings.set(id, findings)
      else this.#findings.delete(id)
      const entry = this.#entries.get(id)
      if (!entry) continue
      entry.findings = findings
      if (entry.presence === 'gone') continue
      entry.version++
      this.#updateSeverity(entry, now)
      touched.add(entry)
    }
    this.#notify(touched)
  }

  /** Ends expired marks. Call about twice per second. */
  sweep(now: number): void {
    const touched = new Set<GroupEntry>()
    for (const entry of takeDue(this.#newUntil, now)) {
      if (entry.presence !== 'new' || entry.markedUntil > now) continue
      entry.presence = 'here'
      entry.version++
      touched.add(entry)
    }
    for (const entry of takeDue(this.#goneUntil, now)) {
      if (entry.presence !== 'gone' || entry.markedUntil > now) continue
      this.#drop(entry.id, touched)
    }
    for (const [entry, until] of this.#heldUntil) {
      if (until > now) continue
      this.#heldUntil.delete(entry)
      entry.trouble = severityOf(entry.row, entry.findings)
      entry.version++
      touched.add(entry)
    }
    this.#notify(touched)
  }

  /** Calls `listener` when the entry of `id` changes, is added or is removed. Returns the unsubscribe function. */
  subscribe(id: string, listener: () => void): () => void {
    return this.#rowListeners.add(id, listener)
  }

  subscribeAll(listener: TableListener): () => void {
    this.#tableListeners.add(listener)
    return () => this.#tableListeners.delete(listener)
  }

  #put(row: GroupRow, now: number): GroupEntry {
    const known = this.#entries.get(row.id)
    if (!known) {
      const findings = this.#findings.get(row.id) ?? NONE_FOUND
      const entry: GroupEntry = {
        id: row.id,
        row,
        presence: 'here',
        markedUntil: 0,
        trouble: severityOf(row, findings),
        findings,
        flashes: { members: 0, owners: 0, sharing: 0, queue: 0, drops: 0 },
        version: 1,
      }
      this.#entries.set(row.id, entry)
      // Groups of a replacing frame may have existed before: they are not marked as new.
      if (this.#hadFrame && this.#unseen === null) this.#markNew(entry, now)
      return entry
    }
    if (known.presence === 'gone') this.#markNew(known, now)
    if (!this.#switching) countFlashes(known, row)
    known.row = sharingParts(known.row, row)
    known.version++
    this.#updateSeverity(known, now)
    return known
  }

  #markNew(entry: GroupEntry, now: number): void {
    entry.presence = 'new'
    entry.markedUntil = now + NEW_MS
    this.#newUntil.push({ entry, at: entry.markedUntil })
  }

  /**
   * Trouble shows immediately and ends with a delay, so that a group that drops in bursts does not jump around. In a
   * recording each snapshot shows its own state, without delay.
   */
  #updateSeverity(entry: GroupEntry, now: number): void {
    const next = severityOf(entry.row, entry.findings)
    const over = recentlyOver(entry.trouble)
    if (next.severity === 'critical' || !this.#live) {
      entry.trouble = next
      this.#heldUntil.delete(entry)
    } else if (over !== null) {
      entry.trouble = over
      this.#heldUntil.set(entry, now + HELD_MS)
    } else if (
      !this.#heldUntil.has(entry) &&
      (next.tag !== entry.trouble.tag || rankOf(next) !== rankOf(entry.trouble))
    ) {
      entry.trouble = next
    }
  }

  #markGone(id: string, now: number, touched: Set<GroupEntry>): void {
    const entry = this.#entries.get(id)
    if (!entry || entry.presence === 'gone') return
    entry.presence = 'gone'
    entry.trouble = NO_TROUBLE
    entry.version++
    this.#heldUntil.delete(entry)
    entry.markedUntil = now + GONE_MS
    this.#goneUntil.push({ entry, at: entry.markedUntil })
    touched.add(entry)
  }

  #drop(id: string, touched: Set<GroupEntry>): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#entries.delete(id)
    this.#history.forget(id)
    this.#heldUntil.delete(entry)
    entry.trouble = NO_TROUBLE
    touched.add(entry)
  }

  #notify(touched: ReadonlySet<GroupEntry>): void {
    if (touched.size === 0) return
    for (const listener of this.#tableListeners) listener(touched)
    for (const { id } of touched) this.#rowListeners.call(id)
  }
}

const OVER: Readonly<Record<string, string>> = { 'queue full': 'was full', dropping: 'was dropping' }

/**
 * The state shown for a moment after trouble ended, so that a row that drops in bursts keeps its place; null for
 * trouble that ends at once.
 */
function recentlyOver({ severity, tag }: GroupSeverity): GroupSeverity | null {
  const over = severity === 'critical' && tag !== null ? OVER[tag] : undefined
  return over === undefined ? null : { severity: 'warning', tag: over }
}

/**
 * A cell flashes on a meaningful change, not on every change of a number: a queue when it enters another band of the
 * color ramp, drops when they start, stop or double.
 */
function countFlashes(entry: GroupEntry, next: GroupRow): void {
  const { row, flashes } = entry
  if (row.receiving !== next.receiving || row.bound !== next.bound || row.connected !== next.connected)
    flashes.members++
  if (row.holders !== next.holders || !sameOwners(row, next)) flashes.owners++
  if (row.sharing !== next.sharing || row.evidence !== next.evidence) flashes.sharing++
  if (utilizationBand(utilization(row.fullest)) !== utilizationBand(utilization(next.fullest))) flashes.queue++
  if (doublings(row.dropsPerSecond) !== doublings(next.dropsPerSecond)) flashes.drops++
}

function sameOwners(a: GroupRow, b: GroupRow): boolean {
  return (
    a.owners.length === b.owners.length &&
    a.owners.every((owner, i) => owner.command === b.owners[i]?.command && owner.processes === b.owners[i]?.processes)
  )
}

function doublings(perSecond: number | null): number {
  return perSecond === null ? -1 : Math.floor(Math.log2(perSecond + 1))
}

function takeDue(queue: Timed[], now: number): GroupEntry[] {
  let due = 0
  for (let next = queue[due]; next && next.at <= now; next = queue[due]) due++
  return queue.splice(0, due).map(({ entry }) => entry)
}
