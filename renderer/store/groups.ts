/** The groups of this page: one table, and the history that goes with it. */
import { GroupTable } from '../groups/group-table.ts'
import { History } from '../history/history.ts'

export const HISTORY_BYTES = 32 * 1024 * 1024

const live = new History(HISTORY_BYTES)

/** Of what is shown: the live one goes on where it was when the person comes back to it. */
export let history = live
export const groups = new GroupTable(live)

/** What is kept was seen by somebody else, at another time: it begins a history of its own. */
export function turnHistory(to: 'live' | 'kept'): void {
  history = to === 'live' ? live : new History(HISTORY_BYTES / 4)
  groups.turnTo(history, to === 'live')
}
