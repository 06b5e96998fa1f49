/** The answer to a what-if query as a sentence. */
import type { WhatIf } from '../../contract/analysis.ts'

export function whatIfSummary({
  group,
  from,
  to,
  expected,
  newestLeave,
  oldestLeave,
}: Omit<WhatIf, 'summary'>): string {
  if (from === to) return `With ${from} ${from === 1 ? 'member' : 'members'}, nothing changes.`
  if (from === 0) return 'There are no members now, so there are no flows to move.'
  if (group.sharing === 'reuseaddr') {
    return 'These sockets share the port through SO_REUSEADDR: the newest takes everything, so a new one takes all flows at once.'
  }
  const consequence =
    group.protocol === 'udp'
      ? 'every datagram is looked up separately, so a UDP or QUIC flow that maps elsewhere reaches a member that does not know it'
      : 'established connections stay; only new connections and handshakes in progress are looked up'
  const change = `${percent(expected.moved)} of flows map to another member when going from ${from} to ${to} members`
  if (newestLeave === null || oldestLeave === null) return `${change}: ${consequence}.`
  const unavoidable = `${percent(expected.unavoidable)} unavoidably, because their members are removed`
  const range = `${percent(newestLeave.moved)} if the newest members are removed, ${percent(oldestLeave.moved)} if the oldest are`
  return `On average ${change} (${unavoidable}): ${range}; ${consequence}.`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`
}
