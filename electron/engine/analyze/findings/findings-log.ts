/** Raised and cleared findings, each with a revision, for readers that ask what changed since theirs. */
import type { FindingRow } from '../../../contract/analysis.ts'
import type { Finding } from '../../../contract/model.ts'
import type { Settings } from '../../../contract/settings.ts'

/** Maximum cleared findings to remember, for readers that are behind. */
const MAX_CLEARED = 20_000
/** For what is muted without a time. */
const FOREVER = '9999-12-31T00:00:00.000Z'

export class FindingsLog {
  /** Raised findings by id, the latest change last. */
  readonly raised = new Map<string, { revision: number; row: FindingRow }>()
  /** Cleared findings, the latest last. */
  readonly cleared: { revision: number; id: string }[] = []
  revision = 0
  /** Findings cleared before this revision are forgotten. */
  clearedFrom = 0
  /** Called when a finding is raised, changed, or cleared; not when only its muting changes. */
  onChange: (row: FindingRow, change: 'raised' | 'cleared') => void = () => {}
  #muting: Pick<Settings, 'mutedFindings' | 'mutedUntil'> = { mutedFindings: [], mutedUntil: {} }
  #muted: ReadonlySet<string> = new Set()

  /** Raises a finding at this time, or replaces it if it changed. */
  raise(finding: Omit<FindingRow, 'raisedAt' | 'muted'>, now: Date): void {
    const known = this.raised.get(finding.id)?.row
    const row = { ...finding, raisedAt: known?.raisedAt ?? now.toISOString(), muted: this.#isMuted(finding) }
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(row)) return
    this.#put(row)
    this.onChange(row, 'raised')
  }

  clear(id: string): void {
    const known = this.raised.get(id)
    if (known === undefined) return
    this.raised.delete(id)
    this.cleared.push({ revision: ++this.revision, id })
    this.onChange(known.row, 'cleared')
    if (this.cleared.length > MAX_CLEARED) {
      this.cleared.splice(0, MAX_CLEARED / 2)
      this.clearedFrom = this.cleared[0]?.revision ?? this.revision
    }
  }

  /** Sets the muted findings, by code or by id, some of them until a time. They are marked, not dropped. */
  mute(muting: Pick<Settings, 'mutedFindings' | 'mutedUntil'>, now: Date): void {
    this.#muting = muting
    this.expireMuting(now)
  }

  /** Marks those that are heard again. Call it with every frame. */
  expireMuting(now: Date): void {
    const { mutedFindings, mutedUntil } = this.#muting
    const muted = mutedFindings.filter((name) => Date.parse(mutedUntil[name] ?? FOREVER) > now.getTime())
    if (muted.length === this.#muted.size && muted.every((name) => this.#muted.has(name))) return
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
