/** The engine's findings: the list, their effect on groups, and muting. */
import { createStore, type StoreApi } from 'zustand'
import type { FindingRow, FindingsChange } from '../../../electron/contract/analysis.ts'
import { mutedAt } from '../../../electron/contract/default-settings.ts'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { Settings } from '../../../electron/contract/settings.ts'
import { FindingList } from '../findings/finding-list.ts'
import type { Groups } from './groups.ts'
import type { SessionStore } from './session.ts'
import type { Streamed } from './streamed.ts'

/** By severity, including muted ones. */
export type FindingsState = Streamed<FindingRow>

export type Findings = {
  readonly state: StoreApi<FindingsState>
  /** Applies one change of the stream. */
  readonly take: (change: FindingsChange) => void
  readonly fail: (problem: Problem) => void
}

/** Follows what the session shows and mutes. */
export function createFindings(session: SessionStore, groups: Groups): Findings {
  let findings = new FindingList()
  const state = createStore<FindingsState>(() => ({ list: findings.order, complete: false, problem: null }))

  /** Updates the findings of these groups in the table. */
  const mark = (ids: ReadonlySet<string>) =>
    groups.table.setFindings(new Map([...ids].map((id) => [id, findings.of(id)])), Date.now())

  const show = (touched: ReadonlySet<string>) => {
    if (touched.size === 0) return
    state.setState({ list: findings.order })
    mark(touched)
  }

  /** Starts with an empty list: live findings do not apply to a stored snapshot, nor the other way around. */
  const reset = (live: boolean, settings: Settings | null) => {
    const marked = new Set(findings.order.map(({ group }) => group))
    findings = new FindingList(live)
    if (settings) findings.mute(mutedAt(settings, Date.now()))
    state.setState({ list: findings.order, complete: false, problem: null })
    mark(marked)
  }

  session.subscribe(({ settings, source }, before) => {
    if (source !== before.source) reset(source === null, settings)
    if (
      settings &&
      (settings.mutedFindings !== before.settings?.mutedFindings || settings.mutedUntil !== before.settings.mutedUntil)
    ) {
      show(findings.mute(mutedAt(settings, Date.now())))
    }
  })

  return {
    state,
    take(change) {
      show(findings.apply(change, Date.now()))
      const { settings } = session.getState()
      // Those whose time has passed are heard again.
      if (settings && Object.keys(settings.mutedUntil).length > 0) show(findings.mute(mutedAt(settings, Date.now())))
      if (!change.more) state.setState({ complete: true, problem: null })
    },
    fail: (problem) => state.setState({ problem }),
  }
}
