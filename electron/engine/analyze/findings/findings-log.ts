/** Raised and cleared findings, each with a revision, for readers that ask what changed since theirs. */
import type { FindingRow } from '../../../contract/analysis.ts'
import type { Finding } from '../../../contract/model.ts'

/** Maximum cleared findings to remember, for readers that are behind. */
const MAX_CLEARED = 20_000

export class FindingsLog {
  /** Raised findings by id, the latest change last. */
  readonly raised = new Map<string, { revision: number; row: FindingRow }>()
  /** Cleared findings, the latest last. */
  readonly cleared: { revision: number; id: string }[] = []
  revision = 0
  /** Findings cleared before this revision are forgotten. */
  clearedFrom = 0
  #muted: ReadonlySet<string> = new Set()

  /** Raises a finding at this time, or replaces it if it changed. */
  raise(finding: Omit<FindingRow, 'raisedAt' | 'muted'>, now: Date): void {
    const known = this.raised.get(finding.id)?.row
    const row = { ...finding, raisedAt: known?.raisedAt ?? now.toISOString(), muted: this.#isMuted(finding) }
    if (known === undefined || JSON.stringify(known) !== JSON.stringify(row)) this.#put(row)
  }

  clear(id: string): void {
    if (this.raised.delete(id)) this.cleared.push({ revision: ++this.revision, id })
    if (this.cleared.length > MAX_CLEARED) {
      this.cleared.splice(0, MAX_CLEARED / 2)
      this.clearedFrom = this.cleared[0]?.revision ?? this.revision
    }
  }

  /** Sets the muted findings, by code or by id. They are marked, not dropped. */
  mute(muted: readonly string[]): void {
    this.#muted = new Set(muted)
    for (const { row } of [...this.raised.values()]) {
      if (row.muted !== this.#isMuted(row)) this.#put({ ...row, muted: this.#isMuted(row) })
    }
  }

  /** The findings of these groups, in the form of a snapshot. */
  of(groups: ReadonlySet<string>): Finding[] {
    const found: Finding[] = []
    for (const { row } of this.raised.values()) {
      if (!groups.has(row.group)) continue
      const { code, severity, group, members, summary, evidence, explanation, advice, mentions } = row
      found.push({ code, severity, group, members, summary, evidence, explanation, advice, mentions })
    }
    return found
  }

  #put(row: FindingRow): void {
    this.raised.delete(row.id)
    this.raised.set(row.id, { revision: ++this.revision, row })
  }

  #isMuted({ id, code }: Pick<FindingRow, 'id' | 'code'>): boolean {
    return this.#muted.has(code) || this.#muted.has(id)
  }
}
