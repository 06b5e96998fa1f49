/** The page's findings, in display order and by group. */
import type { FindingRow, FindingsChange } from '../../../electron/contract/analysis.ts'
import { SEVERITY_RANKS } from '../../../electron/contract/finding-types.ts'

/** How long a finding keeps its place after becoming less severe, so that bursts do not make it jump around. */
export const HELD_MS = 5000

const NONE: readonly FindingRow[] = []

type Entry = {
  /** The engine's latest row. */
  latest: FindingRow
  /** The displayed row: its severity may lag. */
  row: FindingRow
  heldUntil: number
}

export class FindingList {
  readonly #holds: boolean
  readonly #entries = new Map<string, Entry>()
  /** Finding ids by group, and the rows made from them. */
  readonly #idsOf = new Map<string, Set<string>>()
  readonly #byGroup = new Map<string, readonly FindingRow[]>()
  readonly #held = new Set<string>()
  /** Ids not yet placed in the order. */
  #added: string[] = []
  /** Findings not yet seen in the frame that replaces the current one; null while none is being replaced. */
  #unseen: Set<string> | null = null
  /** null until the settings are known: until then the engine's own flag applies. */
  #muted: ReadonlySet<string> | null = null
  #order: readonly FindingRow[] = NONE

  /** `holds` false for recordings: each snapshot shows its own state, without delay. */
  constructor(holds = true) {
    this.#holds = holds
  }

  /** By severity, newest first within each. A new array whenever one changes, otherwise the same. */
  get order(): readonly FindingRow[] {
    return this.#order
  }

  get(id: string): FindingRow | undefined {
    return this.#entries.get(id)?.row
  }

  /** Findings of one group, including muted ones. A new array whenever one changes. */
  of(group: string): readonly FindingRow[] {
    return this.#byGroup.get(group) ?? NONE
  }

  /**
   * Applies one change of the stream, `now` in milliseconds since the epoch. Returns the groups whose findings changed.
   */
  apply(change: FindingsChange, now: number): ReadonlySet<string> {
    const touched = new Set<string>()
    if (change.reset) this.#unseen = new Set(this.#entries.keys())
    for (const id of change.removed) this.#drop(id, touched)
    for (const told of change.rows) {
      this.#unseen?.delete(told.id)
      this.#put(told, now, touched)
    }
    if (!change.more) {
      for (const id of this.#unseen ?? []) this.#drop(id, touched)
      this.#unseen = null
    }
    for (const id of this.#held) {
      const kept = this.#entries.get(id)
      if (kept && kept.heldUntil <= now) this.#update(kept, kept.latest.severity, touched)
    }
    this.#sort(touched)
    return touched
  }

  /** Sets the muted codes and ids of single findings. Returns the groups it changed. */
  mute(muted: readonly string[]): ReadonlySet<string> {
    this.#muted = new Set(muted)
    const touched = new Set<string>()
    for (const kept of this.#entries.values()) {
      if (this.#isMuted(kept.latest) !== kept.row.muted) this.#update(kept, kept.row.severity, touched)
    }
    this.#sort(touched)
    return touched
  }

  #put(told: FindingRow, now: number, touched: Set<string>): void {
    const known = this.#entries.get(told.id)
    const kept = known ?? { latest: told, row: told, heldUntil: 0 }
    kept.latest = told
    if (known === undefined) this.#add(told.id, told.group, kept)
    const calmer =
      this.#holds && known !== undefined && SEVERITY_RANKS[told.severity] < SEVERITY_RANKS[kept.row.severity]
    if (!calmer) {
      this.#held.delete(told.id)
      kept.heldUntil = now + HELD_MS
    } else if (kept.heldUntil > now) this.#held.add(told.id)
    this.#update(kept, calmer && kept.heldUntil > now ? kept.row.severity : told.severity, touched)
  }

  #add(id: string, group: string, kept: Entry): void {
    this.#entries.set(id, kept)
    this.#idsOf.set(group, (this.#idsOf.get(group) ?? new Set()).add(id))
    this.#added.push(id)
  }

  #update(kept: Entry, severity: FindingRow['severity'], touched: Set<string>): void {
    if (severity === kept.latest.severity) this.#held.delete(kept.latest.id)
    kept.row = { ...kept.latest, severity, muted: this.#isMuted(kept.latest) }
    touched.add(kept.latest.group)
  }

  #drop(id: string, touched: Set<string>): void {
    const kept = this.#entries.get(id)
    if (!kept) return
    this.#entries.delete(id)
    this.#held.delete(id)
    const { group } = kept.latest
    const ids = this.#idsOf.get(group)
    ids?.delete(id)
    if (ids?.size === 0) this.#idsOf.delete(group)
    touched.add(group)
  }

  #isMuted({ id, code, muted }: FindingRow): boolean {
    return this.#muted === null ? muted : this.#muted.has(code) || this.#muted.has(id)
  }

  /** Starts from the previous order, which sorts in one pass when little changed. */
  #sort(touched: ReadonlySet<string>): void {
    if (touched.size === 0) return
    for (const group of touched) {
      const ids = this.#idsOf.get(group)
      if (ids === undefined) this.#byGroup.delete(group)
      else this.#byGroup.set(group, this.#rowsOf(ids))
    }
    const ids = new Set([...this.#order.map(({ id }) => id), ...this.#added])
    this.#added = []
    this.#order = this.#rowsOf(ids).sort(compareFindings)
  }

  #rowsOf(ids: Iterable<string>): FindingRow[] {
    const rows: FindingRow[] = []
    for (const id of ids) {
      const kept = this.#entries.get(id)
      if (kept) rows.push(kept.row)
    }
    return rows
  }
}

function compareFindings(a: FindingRow, b: FindingRow): number {
  return (
    SEVERITY_RANKS[b.severity] - SEVERITY_RANKS[a.severity] ||
    compare(b.raisedAt ?? '', a.raisedAt ?? '') ||
    compare(a.id, b.id)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
