/** The title of the tab or window: the host, and the worst that is wrong there. */
import type { FindingRow } from '../../electron/contract/analysis.ts'
import type { PageStore } from '../model/store/store.ts'
import { visibleText } from '../ui/visible-text.ts'

const NAME = 'Reuseport Inspector'

/**
 * Keeps the document's title up to date while this store's page is on screen. Call once for a store. Returns what updates
 * the title when the page comes on screen.
 */
export function startTitle(
  window: Window,
  { session, findings }: Pick<PageStore, 'session' | 'findings'>,
  isShown: () => boolean,
): () => void {
  const update = () => {
    if (!isShown()) return
    const { machine, source } = session.getState()
    const host = source === null ? (machine?.host.hostname ?? null) : source.name
    window.document.title = titleText(host, findings.state.getState().list)
  }
  session.subscribe(update)
  findings.state.subscribe(update)
  return update
}

/** "2 critical · edge-07 · Reuseport Inspector". Muted findings and notes are left out. */
export function titleText(host: string | null, findings: readonly Pick<FindingRow, 'severity' | 'muted'>[]): string {
  const heard = findings.filter(({ muted }) => !muted)
  const counts = (['critical', 'warning'] as const).map((severity) => {
    const count = heard.filter((finding) => finding.severity === severity).length
    return count === 0 ? null : `${count} ${severity === 'critical' || count === 1 ? severity : 'warnings'}`
  })
  const worst = counts.find((text) => text !== null)
  return [worst, host === null ? null : visibleText(host), NAME].filter((part) => part != null).join(' · ')
}
