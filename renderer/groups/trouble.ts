/** What is wrong with a group, judged from its row alone. */
import type { GroupRow } from '../../electron/contract/live.ts'
import type { Severity } from '../../electron/contract/model.ts'

export type Trouble = {
  severity: Severity | 'none'
  /** At most three words for the row; null where there is nothing to say. */
  tag: string | null
}

export const CALM: Trouble = { severity: 'none', tag: null }

/** From this share of its limit a queue is nearly full. */
const NEARLY_FULL = 0.8

/**
 * True when a queue refuses the next connection or datagram. Both overflow at limit + 1: a listener with a backlog of
 * 511 holds 512 (sk_acceptq_is_full, include/net/sock.h), and a UDP socket takes the datagram that crosses SO_RCVBUF
 * (__udp_enqueue_schedule_skb, net/ipv4/udp.c).
 */
export function isFull(queue: { length: number; limit: number | null }): boolean {
  return queue.limit !== null && queue.length > queue.limit
}

/** True when little is left of a queue that is not full. */
export function isNearlyFull(queue: { length: number; limit: number | null }): boolean {
  return queue.limit !== null && queue.limit > 0 && !isFull(queue) && queue.length >= queue.limit * NEARLY_FULL
}

/** What this group's row alone tells. The gravest comes first. */
export function troubleOf(row: GroupRow): Trouble {
  const full = row.fullest !== null && isFull(row.fullest)
  const dropping = (row.dropsPerSecond ?? 0) > 0
  if (full) return { severity: 'critical', tag: 'queue full' }
  if (dropping) return { severity: 'critical', tag: 'dropping' }
  if (row.fullest !== null && isNearlyFull(row.fullest)) return { severity: 'warning', tag: 'nearly full' }
  if (row.sharing === 'reuseaddr' && row.receiving > 1) return { severity: 'info', tag: 'newest takes all' }
  if (row.ownersHidden > 0 && row.sharing !== 'none') return { severity: 'info', tag: 'owners hidden' }
  return CALM
}

const RANKS = { critical: 3, warning: 2, info: 1, none: 0 } as const

/** Higher is graver. */
export function rankOf(trouble: Trouble): number {
  return RANKS[trouble.severity]
}

/** A trouble that is over: shown for a moment, so that a row which drops in bursts keeps its place. */
export function justOver(trouble: Trouble): Trouble {
  return { severity: 'warning', tag: trouble.tag === 'queue full' ? 'was full' : 'was dropping' }
}
