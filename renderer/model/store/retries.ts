/** Streams that are read again after the engine answered with an error. */
import { ORPCError } from '@orpc/client'

const RETRY_MS = 10_000

export type Retries = {
  /** Repeats `read` until `signal` is aborted. Errors of the engine go to `refuse`, and `read` is repeated later. */
  readonly keepReading: (
    read: (signal: AbortSignal) => Promise<void>,
    refuse: (error: ORPCError<string, unknown>) => void,
    signal: AbortSignal,
  ) => Promise<void>
  /** Immediately repeats everything that waits. */
  readonly retryNow: () => void
}

export function createRetries(): Retries {
  /** Functions that end the waits. */
  const waiting = new Set<() => void>()

  const retryLater = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const again = () => {
        clearTimeout(timer)
        waiting.delete(again)
        resolve()
      }
      const timer = setTimeout(again, RETRY_MS)
      waiting.add(again)
      signal.addEventListener('abort', again, { once: true })
    })

  return {
    async keepReading(read, refuse, signal) {
      while (!signal.aborted) {
        try {
          await read(signal)
        } catch (error) {
          if (signal.aborted) return
          if (!(error instanceof ORPCError && error.defined)) throw error
          refuse(error)
          await retryLater(signal)
        }
      }
    },
    retryNow: () => {
      for (const again of [...waiting]) again()
    },
  }
}
