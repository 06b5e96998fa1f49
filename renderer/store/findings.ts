/** What is wrong, as the engine says it: the list, what it means for the groups, and what is muted. */
import { create } from 'zustand'
import type { FindingRow, FindingsChange } from '../../electron/contract/analysis.ts'
import type { Problem } from '../../electron/contract/errors.ts'
import { FindingList } from '../findings/finding-list.ts'
import { groups } from './groups.ts'
import { useSession } from './session.ts'

type FindingsState = {
  /** By severity, muted ones too. */
  list: readonly FindingRow[]
  /** True once the first picture is complete. */
  complete: boolean
  /** Why the engine cannot tell; null while it can. */
  problem: Problem | null
}

let findings = new FindingList()

export const useFindings = create<FindingsState>(() => ({ list: findings.order, complete: false, problem: null }))

/** Takes one answer of the stream. */
export function takeFindings(change: FindingsChange): void {
  show(findings.apply(change, Date.now()))
  if (!change.more) useFindings.setState({ complete: true, problem: null })
}

export function failFindings(problem: Problem): void {
  useFindings.setState({ problem })
}

/** Connects the list to the settings. To be called once. */
export function startFindings(): void {
  useSession.subscribe(({ settings, shown }, before) => {
    if (shown !== before.shown) startAnew(shown === null, settings?.mutedFindings)
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

/** What is kept is of another time: what is wrong now is not said of it, nor the other way round. */
function startAnew(live: boolean, muted: readonly string[] | undefined): void {
  const marked = new Set(findings.order.map(({ group }) => group))
  findings = new FindingList(live)
  if (muted) findings.mute(muted)
  useFindings.setState({ list: findings.order, complete: false, problem: null })
  mark(marked)
}

/** Marks groups with what is wrong with them. */
function mark(ids: ReadonlySet<string>): void {
  groups.setFindings(new Map([...ids].map((id) => [id, findings.of(id)])), Date.now())
}
