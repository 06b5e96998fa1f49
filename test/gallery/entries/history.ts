/** What a page that has been open for a minute has recorded. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import { utilizationOf } from '../../../electron/contract/utilization.ts'
import type { Page } from '../../../renderer/app/page.tsx'

const SECONDS = 60

/** Gives the page a minute of history, in which the fullest queue of each row filled to what it is now. */
export function recordMinute(rows: readonly GroupRow[]): (page: Page) => void {
  return ({ store }) => {
    const { history } = store.groups
    const now = Date.now()
    for (let second = 1; second < SECONDS; second++) {
      const at = now - 1000 * (SECONDS - second)
      history.tick(at)
      for (const { id, fullest, dropsPerSecond } of rows) {
        const last = fullest === null ? -1 : utilizationOf(fullest.length, fullest.limit)
        const waves = 1 + 0.3 * Math.sin(second / 3 + Number.parseInt(id.slice(0, 2), 16))
        const grown = last < 800 ? waves : Math.min(1, 0.2 + second / 40)
        const drops = Math.round((dropsPerSecond ?? 0) * Math.max(0, second - 40))
        history.record(id, at, last < 0 ? last : Math.round(last * grown), drops)
      }
    }
  }
}
