/** Utilization of queues, and when a queue is full: the same on every screen, in the terminal and in files. */
import type { QueueUnit } from './model.ts'

type QueueLoad = { readonly length: number | null; readonly limit: number | null }
type QueueLoadWithUnit = QueueLoad & { readonly unit: QueueUnit }

const UNKNOWN_UTILIZATION = -1
/** From this utilization on, in thousandths, a queue is nearly full. */
const NEARLY_FULL = 800
/**
 * From this utilization on, a receive queue that drops is full: less than one datagram fits. With datagrams of one
 * size, at least half of the limit is used before the next one does not fit.
 */
const FULL_WITH_DROPS = 500

/** Utilization in thousandths: 1000 at the limit, more above it; -1 where the limit or the length is unknown. */
export function utilization(queue: QueueLoad | null): number {
  return queue ? utilizationOf(queue.length, queue.limit) : UNKNOWN_UTILIZATION
}

/** The same, without allocating a queue object. */
export function utilizationOf(length: number | null, limit: number | null): number {
  if (length === null || limit === null) return UNKNOWN_UTILIZATION
  if (limit === 0) return length === 0 ? 0 : 1001
  // Rounding must not hide that the limit is exceeded.
  if (length > limit) return Math.max(1001, Math.round((length * 1000) / limit))
  return Math.floor((length * 1000) / limit)
}

/**
 * True when a queue accepts nothing more. Both kinds overflow at limit + 1: a listener with a backlog of 511 holds 512
 * (sk_acceptq_is_full, include/net/sock.h), and until Linux 6.16 a UDP socket accepted the datagram that crosses
 * SO_RCVBUF. Since then a datagram must fit entirely unless the queue is empty, so receive memory is full below its
 * limit, and only drops show it (__udp_enqueue_schedule_skb, net/ipv4/udp.c; measured on 6.18: full at 53 to 100 % of
 * the limit).
 */
export function isFull(queue: QueueLoadWithUnit, dropping = false): boolean {
  const fill = utilization(queue)
  return fill > 1000 || (queue.unit === 'bytes' && dropping && fill >= FULL_WITH_DROPS)
}

/** True when a queue is nearly full, and not full. */
export function isNearlyFull(queue: QueueLoadWithUnit, dropping = false): boolean {
  return utilization(queue) >= NEARLY_FULL && !isFull(queue, dropping)
}

/**
 * The queue with the highest utilization, the first of equals; where no limit is known, the longest. Ignores queues of
 * unknown length; null where there is no other. The native layer has the same rule for live groups (`fuller`,
 * native/addon/groups.cc).
 */
export function fullestOf<Queue extends QueueLoad>(queues: Iterable<Queue>): Queue | null {
  let fullest: Queue | null = null
  for (const queue of queues) {
    if (queue.length !== null && (fullest === null || isFuller(queue, fullest))) fullest = queue
  }
  return fullest
}

function isFuller(queue: QueueLoad, than: QueueLoad): boolean {
  const [length, thanLength] = [queue.length ?? 0, than.length ?? 0]
  if (queue.limit === null || than.limit === null) {
    return queue.limit === than.limit ? length > thanLength : queue.limit !== null
  }
  // A backlog of 0 behaves like 1: one connection fills it.
  return length * Math.max(than.limit, 1) > thanLength * Math.max(queue.limit, 1)
}
