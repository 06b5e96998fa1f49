/** How full a queue is, and when it takes nothing more: the same on every screen, in the terminal and in files. */
import type { QueueUnit } from './model.ts'

type Filled = { readonly length: number | null; readonly limit: number | null }
type OfUnit = Filled & { readonly unit: QueueUnit }

const UNKNOWN_FILL = -1
/** From this share of its limit, in thousandths, a queue is nearly full. */
const NEARLY_FULL = 800
/**
 * From this share of its limit on a receive queue that drops is full: what is left is less than one datagram, and of
 * datagrams of one size at least half of the limit is taken before the next one does not fit.
 */
const FULL_WITH_DROPS = 500

/** Thousandths of its limit: 1000 at the limit, more over it; -1 where the limit, or what waits, is unknown. */
export function fillOf(queue: Filled | null): number {
  return queue ? fillOfNumbers(queue.length, queue.limit) : UNKNOWN_FILL
}

/** The same, for who has many queues to look at and no objects. */
export function fillOfNumbers(length: number | null, limit: number | null): number {
  if (length === null || limit === null) return UNKNOWN_FILL
  if (limit === 0) return length === 0 ? 0 : 1001
  // Rounding must not hide that the limit is passed.
  if (length > limit) return Math.max(1001, Math.round((length * 1000) / limit))
  return Math.floor((length * 1000) / limit)
}

/**
 * True when a queue takes nothing more. Both kinds overflow at limit + 1: a listener with a backlog of 511 holds 512
 * (sk_acceptq_is_full, include/net/sock.h), and a UDP socket took the datagram that crosses SO_RCVBUF until Linux 6.16.
 * Since then a datagram must fit as a whole unless the queue is empty, so receive memory is full below its limit, and
 * only drops tell (__udp_enqueue_schedule_skb, net/ipv4/udp.c; measured on 6.18: full at 53 to 100 % of the limit).
 */
export function isFull(queue: OfUnit, dropping = false): boolean {
  const fill = fillOf(queue)
  return fill > 1000 || (queue.unit === 'bytes' && dropping && fill >= FULL_WITH_DROPS)
}

/** True when little is left of a queue that is not full. */
export function isNearlyFull(queue: OfUnit, dropping = false): boolean {
  return fillOf(queue) >= NEARLY_FULL && !isFull(queue, dropping)
}

/**
 * The one that is fullest against its limit, the first of equals; where no limit is known, the longest. Queues of unknown
 * length do not count: null where no other is there. The native layer has the same rule for live groups (`fuller`,
 * native/src/groups.cc).
 */
export function fullestOf<Queue extends Filled>(queues: Iterable<Queue>): Queue | null {
  let fullest: Queue | null = null
  for (const queue of queues) {
    if (queue.length !== null && (fullest === null || isFuller(queue, fullest))) fullest = queue
  }
  return fullest
}

function isFuller(queue: Filled, than: Filled): boolean {
  const [length, thanLength] = [queue.length ?? 0, than.length ?? 0]
  if (queue.limit === null || than.limit === null) {
    return queue.limit === than.limit ? length > thanLength : queue.limit !== null
  }
  // A backlog of 0 is a limit like 1: one connection fills it.
  return length * Math.max(than.limit, 1) > thanLength * Math.max(queue.limit, 1)
}
