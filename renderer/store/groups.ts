/** The groups of this page: one table, and the history that goes with it. */
import { GroupTable } from '../groups/group-table.ts'
import { History } from '../history/history.ts'

export const HISTORY_BYTES = 32 * 1024 * 1024

export const history = new History(HISTORY_BYTES)
export const groups = new GroupTable(history)
