/** The findings that the page knows, in the order in which they are listed, and by group. */
import type { FindingRow, FindingsChange } from '../../electron/contract/analysis.ts'
import { SEVERITY_RANKS } from './finding-words.ts'

/** A finding that became less grave keeps its place for so long: one that drops in bursts does not jump about. */
export const HELD_MS = 5000

const NONE: readonly FindingRow[] = []

type Kept = {
  /** As the engine says it. */
  told: FindingRow
  /** As it is shown: its severity may be one of a moment ago. */
  row: FindingRow
  heldUntil: number
}

export class FindingList {
  readonly #holds: boolean
  readonly #kept = new Map<string, Kept>()
  /** Ids of each group's findings, and the rows that were made of them. */
  readonly #idsOf = new Map<string, Set<string>>()
  readonly #byGroup = new Map<string, readonly FindingRow[]>()
  readonly #held = new Set<string>()
  /** Those that have no place in the order yet. */
  #added: string[] = []
  /** Findings not yet seen in a picture that is being replaced; null while none is. */
  #unseen: Set<string> | null = null
  /** null until the settings are known: the engine's own mark holds. */
  #muted: ReadonlySet<string> | null = null
  #order: readonly FindingRow[] = NONE

  /** What is told of a recording is not held: who goes to a picture wants that one. */
  constructor(holds = true) {
    this.#holds = holds
  }

  /** By severity, the newest of each first. Another array whenever one of them changed, the same otherwise. */
  get order(): readonly FindingRow[] {
    return this.#order
  }

  get(id: string): FindingRow | undefined {
    return this.#kept.get(id)?.row
  }

  /** Findings of one group, muted ones too. Another array whenever one of them changed. */
  of(group: string): readonly FindingRow[] {
    return this.#byGroup.get(group) ?? NONE
  }

  /** Takes one answer of the stream, `now` in milliseconds since the epoch. Gives the groups whose findings changed. */
  apply(change: FindingsChange, now: number): ReadonlySet<string> {
    const touched = new Set<string>()
    if (change.reset) this.#unseen = new Set(this.#kept.keys())
    for (const id of change.gone) this.#drop(id, touched)
    for (const told of change.rows) {
      this.#unseen?.delete(told.id)
      this.#put(told, now, touched)
    }
    if (!change.more) {
      for (const id of this.#unseen ?? []) this.#drop(id, touched)
      this.#unseen = null
    }
    for (const id of this.#held) {
      const kept = this.#kept.get(id)
      if (kept && kept.heldUntil <= now) this.#show(kept, kept.told.severity, touched)
    }
    this.#arrange(touched)
    return touched
  }

  /** What the person does not want to be told of: codes, or ids of single findings. Gives the groups it changed. */
  mute(muted: readonly string[]): ReadonlySet<string> {
    this.#muted = new Set(muted)
    const touched = new Set<string>()
    for (const kept of this.#kept.values()) {
      if (this.#isMuted(kept.told) !== kept.row.muted) this.#show(kept, kept.row.severity, touched)
    }
    this.#arrange(touched)
    return touched
  }

  #put(told: FindingRow, now: number, touched: Set<string>): void {
    const known = this.#kept.get(told.id)
    const kept = known ?? { told, row: told, heldUntil: 0 }
    kept.told = told
    if (known === undefined) this.#add(told.id, told.group, kept)
    const calmer =
      this.#holds && known !== undefined && SEVERITY_RANKS[told.severity] < SEVERITY_RANKS[kept.row.severity]
    if (!calmer) {
      this.#held.delete(told.id)
      kept.heldUntil = now + HELD_MS
    } else if (kept.heldUntil > now) this.#held.add(told.id)
    this.#show(kept, calmer && kept.heldUntil > now ? kept.row.severity : told.severity, touched)
  }

  #add(id: string, group: string, kept: Kept): void {
    this.#kept.set(id, kept)
    this.#idsOf.set(group, (this.#idsOf.get(group) ?? new Set()).add(id))
    this.#added.push(id)
  }

  #show(kept: Kept, severity: FindingRow['severity'], touched: Set<string>): void {
    if (severity === kept.told.severity) this.#held.delete(kept.told.id)
    kept.row = { ...kept.told, severity, muted: this.#isMuted(kept.told) }
    touched.add(kept.told.group)
  }

  #drop(id: string, touched: Set<string>): void {
    const kept = this.#kept.get(id)
    if (!kept) return
    this.#kept.delete(id)
    this.#held.delete(id)
    const { group } = kept.told
    const ids = this.#idsOf.get(group)
    ids?.delete(id)
    if (ids?.size === 0) this.#idsOf.delete(group)
    touched.add(group)
  }

  #isMuted({ id, code, muted }: FindingRow): boolean {
    return this.#muted === null ? muted : this.#muted.has(code) || this.#muted.has(id)
  }

  /** Begins with the order as it was, which sorts in one pass where little moved. */
  #arrange(touched: ReadonlySet<string>): void {
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
      const kept = this.#kept.get(id)
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
