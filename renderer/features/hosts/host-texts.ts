/** The texts about a host and its connection. */
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import type { Host } from '../../../electron/contract/model.ts'
import { formatSpan } from '../../ui/format.ts'

/** What happens while it connects. `via`: the command that reaches it; null: ssh. */
export function describeWay(name: string, via: string | null): string {
  if (name === ROOT_HERE)
    return `${via ?? 'sudo'} starts an engine with root's permissions beside this one. It only reads, and has no lab; this page and its own engine stay as they are.`
  if (via !== null) return `This runs \`${via}\`.`
  return 'This uses your own ssh, with its configuration, agent and jump hosts.'
}

/** Clocks that differ by less are not worth a word: the measurement itself is off by half of the delay. */
const SAME_CLOCK_MS = 100

/** "root", "uid 1000", "uid 1000 with CAP_NET_ADMIN and 3 more capabilities". */
export function describePermissions({ uid, capabilities }: Host): string {
  if (uid === 0) return 'root'
  const [first, ...others] = capabilities ?? []
  if (first === undefined) return `uid ${uid}`
  if (others.length === 0) return `uid ${uid} with ${first}`
  return `uid ${uid} with ${first} and ${others.length} more ${others.length === 1 ? 'capability' : 'capabilities'}`
}

/** "same as here", "0.2 s ahead; ages use its own". */
export function describeClock(aheadMs: number): string {
  if (Math.abs(aheadMs) < SAME_CLOCK_MS) return 'same as here'
  return `${formatSpan(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead' : 'behind'}; ages use its own`
}
