/** What the list of hosts says of each: in trouble, not visible, or fine. */
import type { HostConnection } from '../../../electron/contract/hosts.ts'
import { formatSpan } from '../../ui/format.ts'
import type { Verdict } from '../groups/verdict.ts'

/** `unknown`: it cannot be seen now. */
export type HostSeverity = Verdict['severity'] | 'unknown'

/** Trouble first, then what cannot be seen, because it may be in trouble, then warnings. */
const ORDER: readonly HostSeverity[] = ['critical', 'unknown', 'warning', 'none']

export function bySeverity(a: HostSeverity, b: HostSeverity): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b)
}

/** What the connection itself has to say: "Lost at 14:47:31"; null where it is connected. `clock` formats a time of day. */
export function describeState({ state, since }: HostConnection, clock: (at: number) => string): string | null {
  switch (state.phase) {
    case 'connected':
      return null
    case 'connecting':
      return state.question === null ? 'Connecting' : 'Waiting for your answer'
    case 'lost':
      return `Lost at ${clock(Date.parse(since))}`
    case 'failed':
      return 'Not connected'
  }
}

/** "2 of 8 hosts are in trouble, and 1 cannot be seen." */
export function fleetSentence(severities: readonly HostSeverity[]): string {
  const count = (one: HostSeverity) => severities.filter((severity) => severity === one).length
  const [critical, unknown, all] = [count('critical'), count('unknown'), severities.length]
  const trouble =
    critical === 0
      ? 'No host is in trouble'
      : `${critical} of ${all} ${all === 1 ? 'host' : 'hosts'} ${critical === 1 ? 'is' : 'are'} in trouble`
  return unknown === 0 ? `${trouble}.` : `${trouble}, and ${unknown} cannot be seen.`
}

/** A delay: "0.4 ms", "12 ms", "1.2 s". */
export function formatDelay(ms: number): string {
  if (ms >= 1000) return formatSpan(ms)
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
