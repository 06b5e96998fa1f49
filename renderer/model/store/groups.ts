/** The page's groups: one table with its history. */
import { GroupTable } from '../groups/group-table.ts'
import { History } from '../history/history.ts'
import { PacedUpdates } from '../paced-updates.ts'

/** Two minutes, of which trends show one; with many groups, in longer steps. */
const HISTORY_BYTES = 8 << 20
const HISTORY_MS = 120_000

export type Groups = {
  readonly table: GroupTable
  /** For the rows on screen. */
  readonly updates: PacedUpdates
  /** History of the current source. The live history continues when the user returns to live data. */
  readonly history: History
  /** Switches the history: a stored snapshot or recording gets its own. */
  readonly switchHistory: (to: 'live' | 'kept') => void
}

export function createGroups(): Groups {
  const live = new History(HISTORY_BYTES, HISTORY_MS)
  let history = live
  const table = new GroupTable(live)
  return {
    table,
    updates: new PacedUpdates(),
    get history() {
      return history
    },
    switchHistory(to) {
      history = to === 'live' ? live : new History(HISTORY_BYTES, HISTORY_MS)
      table.switchTo(history, to === 'live')
    },
  }
}
