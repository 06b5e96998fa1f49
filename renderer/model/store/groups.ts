/** The page's groups: one table with its history. */
import { GroupTable } from '../groups/group-table.ts'
import { History } from '../history/history.ts'

export const HISTORY_BYTES = 32 * 1024 * 1024

const live = new History(HISTORY_BYTES)

/** History of the current source. The live history continues when the user returns to live data. */
export let history = live
export const groups = new GroupTable(live)

/** Switches the history: a stored snapshot or recording gets its own. */
export function switchHistory(to: 'live' | 'kept'): void {
  history = to === 'live' ? live : new History(HISTORY_BYTES / 4)
  groups.switchTo(history, to === 'live')
}
