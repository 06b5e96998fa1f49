/** Counts the groups of the chosen namespaces by severity, from the changed rows only, and names the worst. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import { compareDefault } from '../groups/default-sort.ts'
import type { GroupEntry, GroupTable } from '../groups/group-table.ts'
import { type SeverityCounts, urgencyOf } from '../groups/severity.ts'

export type Counted = {
  readonly counts: SeverityCounts
  /** The group to name: the first critical one, else the first with a warning. */
  readonly worst: GroupEntry | null
  /** Groups in the chosen namespaces; null where all are chosen. */
  readonly chosen: number | null
  /** Groups in trouble in other namespaces. */
  readonly elsewhere: number
}

/** Whether a row's namespace is chosen; null for all. */
export type Scope = ((row: GroupRow) => boolean) | null

export class SeverityCounter {
  readonly #table: GroupTable
  readonly #troubled = new Set<GroupEntry>()
  #scope: Scope = null
  #counts: SeverityCounts = { critical: 0, warning: 0, info: 0 }

  constructor(table: GroupTable) {
    this.#table = table
  }

  setScope(scope: Scope): void {
    this.#scope = scope
  }

  /** Notes these changed rows. */
  take(touched: ReadonlySet<GroupEntry>): void {
    for (const entry of touched) {
      if (entry.trouble.severity !== 'none' && this.#table.get(entry.id) === entry) this.#troubled.add(entry)
      else this.#troubled.delete(entry)
    }
  }

  count(): Counted {
    const counts = { critical: 0, warning: 0, info: 0 }
    let worst: GroupEntry | null = null
    let elsewhere = 0
    for (const entry of this.#troubled) {
      const { severity } = entry.trouble
      if (severity === 'none') continue
      if (this.#scope !== null && !this.#scope(entry.row)) {
        if (severity === 'critical') elsewhere++
        continue
      }
      counts[severity]++
      if (severity !== 'info' && (worst === null || isWorse(entry, worst))) worst = entry
    }
    // The same object while nothing changed: what shows it is not rendered again.
    if (!sameCounts(counts, this.#counts)) this.#counts = counts
    return { counts: this.#counts, worst, chosen: this.#scope === null ? null : this.#groupsIn(this.#scope), elsewhere }
  }

  #groupsIn(scope: NonNullable<Scope>): number {
    let groups = 0
    for (const { row, presence } of this.#table.entries()) {
      if (presence !== 'gone' && row.sharing !== 'none' && scope(row)) groups++
    }
    return groups
  }
}

function sameCounts(a: SeverityCounts, b: SeverityCounts): boolean {
  return a.critical === b.critical && a.warning === b.warning && a.info === b.info
}

function isWorse(a: GroupEntry, b: GroupEntry): boolean {
  return (urgencyOf(b) - urgencyOf(a) || compareDefault(a.row, b.row)) < 0
}
