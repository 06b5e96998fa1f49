/** The engine's findings: the list, their effect on groups, and muting. */
import { create } from 'zustand'
import type { FindingRow, FindingsChange } from '../../../electron/contract/analysis.ts'
import type { Problem } from '../../../electron/contract/errors.ts'
import { FindingList } from '../findings/finding-list.ts'
import { groups } from './groups.ts'
import { useSession } from './session.ts'

type FindingsState = {
  /** By severity, including muted ones. */
  list: readonly FindingRow[]
  /** True once the first frame is complete. */
  complete: boolean
  /** Why findings are unavailable; null while they are available. */
  problem: Problem | null
}

let findings = new FindingList()

export const useFindings = create<FindingsState>(() => ({ list: findings.order, complete: false, problem: null }))

/** Applies one change of the stream. */
export function takeFindings(change: FindingsChange): void {
  show(findings.apply(change, Date.now()))
  if (!change.more) useFindings.setState({ complete: true, problem: null })
}

export function failFindings(problem: Problem): void {
  useFindings.setState({ problem })
}

/** Connects the list to the settings. Call once. */
export function startFindings(): void {
  useSession.subscribe(({ settings, source }, before) => {
    if (source !== before.source) reset(source === null, settings?.mutedFindings)
    if (settings && settings.mutedFindings !== before.settings?.mutedFindings) {
      show(findings.mute(settings.mutedFindings))
    }
  })
}

function show(touched: ReadonlySet<string>): void {
  if (touched.size === 0) return
  useFindings.setState({ list: findings.order })
  mark(touched)
}

/** Starts with an empty list: live findings do not apply to a stored snapshot, nor the other way around. */
function reset(live: boolean, muted: readonly string[] | undefined): void {
  const marked = new Set(findings.order.map(({ group }) => group))
  findings = new FindingList(live)
  if (muted) findings.mute(muted)
  useFindings.setState({ list: findings.order, complete: false, problem: null })
  mark(marked)
}

/** Updates the findings of these groups in the table. */
function mark(ids: ReadonlySet<string>): void {
  groups.setFindings(new Map([...ids].map((id) => [id, findings.of(id)])), Date.now())
}
