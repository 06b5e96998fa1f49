/** The end of a program that was asked to end: within two seconds, whatever it is at. */
import { loadAddon } from '../../native/index.ts'

/** From being asked to end to the end, at most: a pipe that nobody closes, a disk that does not answer. */
export const MAX_END_MS = 1500
/** The same where this thread is in a step that takes longer, or a thread waits for a disk: exiting waits for it too. */
const MAX_HELD_UP_MS = 1800

/** From now on SIGINT and SIGTERM end this process with `status`, also where its thread is held up. Handlers of its own must be there already. */
export function endThoughHeldUp(addonPath: string, status: number): void {
  loadAddon(addonPath).endAfterSignal(MAX_HELD_UP_MS, status)
}
