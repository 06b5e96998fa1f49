/** What the exit code of a utility process means. Pure. */
import { constants } from 'node:os'

const SIGNALS: ReadonlyMap<number, string> = new Map(
  // Of two names for one number the first is the usual one: SIGABRT, not SIGIOT.
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
)

/**
 * How the engine's process ended, in words. Electron passes on what `process.exit` was called with (here only 1, Node's
 * own after an exception that nobody caught), else the status of waitpid(2): the signal in the lower seven bits, above
 * them a bit for a core dump (OnServiceProcessDisconnected() and HandleTermination() in Electron's
 * shell/browser/api/electron_api_utility_process.cc).
 */
export function describeExit(code: number): string {
  const signal = SIGNALS.get(code & 0x7f)
  if (code > 1 && code < 0x100 && signal !== undefined) return `ended by ${signal}`
  return `exit status ${code < 0x100 ? code : code >> 8}`
}
