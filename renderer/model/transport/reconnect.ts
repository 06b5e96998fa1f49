/** Keeps one channel open: reconnects when it is lost, at increasing intervals. */
import type { Channel, Transport } from './transport.ts'

/** A channel that closed sooner counts as a failure: its peer accepted it only to reject it. */
const WORKED_AFTER_MS = 2000

const DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000]

export type ConnectionEvents = {
  opened(channel: Channel): void
  /** `retryAt` in milliseconds since the epoch. */
  lost(reason: string, retryAt: number): void
  trying(): void
}

export type Connection = {
  /** Retries now instead of at `retryAt`. */
  retryNow(): void
  close(): void
}

/** Milliseconds to wait after `failures` consecutive failures (0: the channel had been open). */
export function retryDelay(failures: number): number {
  return DELAYS_MS[Math.min(failures, DELAYS_MS.length - 1)] ?? 0
}

export function keepConnected(transport: Transport, events: ConnectionEvents): Connection {
  const end = new AbortController()
  let wake: () => void = () => {}
  /** Asked for while an attempt is in progress, which may still fail for the old reason. */
  let again = false
  let channel: Channel | null = null

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, again ? 0 : ms)
      wake = () => {
        clearTimeout(timer)
        again = false
        resolve()
      }
      again = false
    })

  const run = async () => {
    for (let failures = 0; !end.signal.aborted; ) {
      let reason: string
      events.trying()
      try {
        channel = await transport.open(end.signal)
        const openedAt = Date.now()
        events.opened(channel)
        reason = await channel.closed
        failures = Date.now() - openedAt >= WORKED_AFTER_MS ? 0 : failures + 1
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error)
        failures++
      }
      channel = null
      if (end.signal.aborted) return
      const delay = retryDelay(failures)
      events.lost(reason, Date.now() + delay)
      await pause(delay)
    }
  }
  void run()

  return {
    retryNow: () => {
      again = true
      wake()
    },
    close: () => {
      end.abort()
      channel?.close('The page closed.')
      wake()
    },
  }
}
