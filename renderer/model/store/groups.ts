/** The page's groups: one table with its history. */
import { GroupTable } from '../groups/group-table.ts'
import { History } from '../history/history.ts'

export const HISTORY_BYTES = 32 * 1024 * 1024

export type Groups = {
  readonly table: GroupTable
  /** History of the current source. The live history continues when the user returns to live data. */
  readonly history: History
  /** Switches the history: a stored snapshot or recording gets its own. */
  readonly switchHistory: (to: 'live' | 'kept') => void
}

export function createGroups(): Groups {
  const live = new History(HISTORY_BYTES)
  let history = live
  const table = new GroupTable(live)
  return {
    table,
    get history() {
      return history
    },
    switchHistory(to) {
      history = to === 'live' ? live : new History(HISTORY_BYTES / 4)
      table.switchTo(history, to === 'live')
    },
  }
}
