/** The end of a program that was asked to end, and is held up. */
import { loadAddon } from '../../native/index.ts'

/** See `Addon.endAfterSignal`. */
export function endAfterSignal(addonPath: string, graceMs: number, status: number): void {
  loadAddon(addonPath).endAfterSignal(graceMs, status)
}
