/** The answer to "what if" as a sentence. */
import type { WhatIf } from '../../contract/analysis.ts'

export function whatIfSentence({
  group,
  from,
  to,
  expected,
  newestLeave,
  oldestLeave,
}: Omit<WhatIf, 'sentence'>): string {
  if (from === to) return `With ${from} members everything stays where it is.`
  if (from === 0) return 'There is no member now, so there is no flow to move.'
  if (group.sharing === 'reuseaddr') {
    return 'These sockets share by SO_REUSEADDR: the newest takes everything, so a new one takes all flows at once.'
  }
  const whom =
    group.protocol === 'udp'
      ? 'every datagram is looked up anew, so a UDP or QUIC flow that maps elsewhere reaches a member that does not know it'
      : 'established connections stay; only handshakes in progress and new connections are looked up'
  const change = `${percent(expected.moved)} of the flows map to another member when ${from} become ${to}`
  if (newestLeave === null || oldestLeave === null) return `${change}: ${whom}.`
  const must = `${percent(expected.ofThoseThatLeft)} must, their members leave`
  const range = `${percent(newestLeave.moved)} when those that joined last leave first, ${percent(oldestLeave.moved)} when those that joined first do`
  return `On average ${change} (${must}): ${range}; ${whom}.`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`
}
