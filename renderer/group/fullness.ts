/** When a member counts as full, and how full it is for the eye. */
import type { MemberRow } from '../../electron/contract/live.ts'
import { isFull } from '../groups/trouble.ts'
import { type FillBand, fillBand, fillOf } from '../ui/fill.ts'

/**
 * From this share of its limit on, in thousandths, a receive queue that drops is full: what is left is less than one
 * datagram, and of datagrams of one size at least half of the limit is taken before the next one does not fit.
 */
const FULL_WITH_DROPS = 500

/**
 * True when the queue takes nothing more. An accept queue is full past its limit (isFull). Receive memory is full at
 * its limit or below it: since Linux 6.16 a datagram must fit as a whole unless the queue is empty, so the drops tell
 * (__udp_enqueue_schedule_skb, net/ipv4/udp.c; measured on 6.18: full at 53 to 100 % of the limit).
 */
export function isFullMember({ queue, dropsPerSecond }: Pick<MemberRow, 'queue' | 'dropsPerSecond'>): boolean {
  const { length, limit, unit } = queue
  if (length === null || limit === null) return false
  if (isFull({ length, limit })) return true
  if (unit === 'connections') return false
  const fill = fillOf(queue)
  return fill >= 1000 || (fill >= FULL_WITH_DROPS && (dropsPerSecond ?? 0) > 0)
}

/** Step of the colour ramp for a member: `full` is kept for what takes nothing more. */
export function bandOf(row: Pick<MemberRow, 'queue' | 'dropsPerSecond'>, fill: number): FillBand {
  if (isFullMember(row)) return 'full'
  const band = fillBand(fill)
  return band === 'full' ? 6 : band
}
