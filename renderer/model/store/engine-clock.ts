/** The engine's clock, by which everything that it reports is dated: that of another machine may differ. */
import type { Session, SessionStore } from './session.ts'

/** Less is the time that an answer takes, not a difference of clocks. */
const SAME_MS = 1000

/**
 * How far the engine's clock is ahead of the page's after an answer that was sent as soon as its frame was taken:
 * `known` is the estimate before it. An answer that was delayed makes the clock seem late, so the highest counts.
 */
export function clockAhead(known: number | null, takenAt: number, receivedAt: number): number {
  return Math.max(known ?? Number.NEGATIVE_INFINITY, takenAt - receivedAt)
}

/** The engine's time at this moment, in milliseconds since the epoch. */
export function engineNow(session: SessionStore): number {
  return Date.now() + clockDifference(session.getState())
}

/** How far the engine's clock is ahead of the page's, in milliseconds; 0 where that may be the time of an answer. */
export function clockDifference({ clockAheadMs }: Session): number {
  return clockAheadMs === null || Math.abs(clockAheadMs) < SAME_MS ? 0 : clockAheadMs
}
