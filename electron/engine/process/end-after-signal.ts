/** Ends the program within two seconds of a signal, whatever it is doing. */
import { loadAddon } from '../../../native/index.ts'

/** The longest time between a signal and the exit: a pipe that no one closes, a disk that does not respond. */
export const MAX_END_MS = 1500
/** The same while this thread is in a longer step, or a thread waits for a disk: exiting waits for it too. */
const MAX_BLOCKED_MS = 1800

/**
 * From now on SIGINT and SIGTERM end this process with `status`, even while its thread is blocked. Its own handlers
 * must be installed before.
 */
export function endEvenIfBlocked(addonPath: string, status: number): void {
  loadAddon(addonPath).endAfterSignal(MAX_BLOCKED_MS, status)
}
