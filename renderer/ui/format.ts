/** The page's texts: times of day, names, and what the contract formats. */
import { queueParts } from '../../electron/contract/format.ts'
import type { Family, QueueUnit, Sharing } from '../../electron/contract/model.ts'
import { visibleText } from './visible-text.ts'

export {
  byteParts as formatBytes,
  formatCount,
  formatRate,
  formatRatio,
  formatSpan,
  formatWait,
  pluralize as countOf,
} from '../../electron/contract/format.ts'

/** Length and limit of a queue in one unit (`queueParts`). */
export function formatQueue(length: number | null, limit: number | null, unit: QueueUnit) {
  return queueParts({ length, limit, unit })
}

/** A time of day: "14:46:52". */
export function formatClock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}

/** How members share a port; a socket in no group is unshared. */
export function sharingName(sharing: Sharing): string {
  return sharing === 'none' ? 'unshared' : sharing
}

/** An address as written before the port: IPv6 in brackets, with the interface that it is bound to. */
export function addressText(address: string, family: Family, bound: string | null): string {
  const scoped = visibleText(bound === null ? address : `${address}%${bound}`)
  return family === 'ipv6' ? `[${scoped}]` : scoped
}

/** Why there is no rate of what is counted. */
export const NO_RATE_YET = 'A rate takes two readings: this is the first'

/** Why it is unknown what members are given. */
export const NOT_COUNTED =
  'What members are given is counted by a BPF program, as root, while somebody watches: Permissions says whether that is possible here'

/** Why drops are unknown: for listeners (queues of connections) the kernel's counter can include more than losses. */
export function unknownDropsText(unit: QueueUnit): string {
  return unit === 'connections'
    ? 'With deferred accept, a listener’s drop counter also counts healthy connections: this one has that option, or it could not be read'
    : 'This kernel does not report the drops of these sockets'
}
