/** The engine's clock, by which everything that it reports is dated: that of another machine may differ. */
import { useNow } from '../../ui/use-now.ts'
import { type Session, type SessionStore, useSession } from './session.ts'

/** Less is the time that an answer takes, not a difference of clocks. */
const SAME_MS = 1000

/**
 * How far the engine's clock is ahead of the page's after an answer that was sent as soon as its frame was taken:
 * `known` is the estimate before it. An answer that was delayed makes the clock seem late, so the highest counts.
 */
export function clockAhead(known: number | null, takenAt: number, receivedAt: number): number {
  return Math.max(known ?? Number.NEGATIVE_INFINITY, takenAt - receivedAt)
}

/** The engine's time in milliseconds since the epoch, updated every `ms`. */
export function useEngineNow(ms: number): number {
  const ahead = useSession(aheadOf)
  return useNow(ms) + ahead
}

/** The same at this moment. */
export function engineNow(session: SessionStore): number {
  return Date.now() + aheadOf(session.getState())
}

function aheadOf({ clockAheadMs }: Session): number {
  return clockAheadMs === null || Math.abs(clockAheadMs) < SAME_MS ? 0 : clockAheadMs
}
