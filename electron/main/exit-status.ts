/** Describes the exit code of a utility process. Pure. */
import { constants } from 'node:os'

const SIGNALS: ReadonlyMap<number, string> = new Map(
  // If two names share a number, the first is the usual one: SIGABRT, not SIGIOT.
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
)

/**
 * How the engine's process ended, as text. Electron passes on the argument of `process.exit` (here only 1, Node's own
 * after an uncaught exception), otherwise the status of waitpid(2): the signal in the lower seven bits, and above them
 * a bit for a core dump (OnServiceProcessDisconnected() and HandleTermination() in Electron's
 * shell/browser/api/electron_api_utility_process.cc).
 */
export function describeExit(code: number): string {
  const signal = SIGNALS.get(code & 0x7f)
  if (code > 1 && code < 0x100 && signal !== undefined) return `killed by ${signal}`
  return `exit status ${code < 0x100 ? code : code >> 8}`
}
