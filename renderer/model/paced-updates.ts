/**
 * Spreads what is rendered again over animation frames: when everything on screen changes at once, each frame renders as
 * much as fits beside scrolling and typing, and the rest follows in the next ones.
 */
import { useCallback, useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

/** Milliseconds of a frame in which updates begin. */
const FRAME_BUDGET_MS = 1.5
/** Rendered at once: the fixed cost of rendering is shared. */
const AT_ONCE = 3

export class PacedUpdates {
  readonly #waiting = new Set<() => void>()

  /** Calls `update` in one of the next frames, once, however often it is requested until then. */
  request(update: () => void): void {
    if (this.#waiting.size === 0) requestAnimationFrame(this.#run)
    this.#waiting.add(update)
  }

  /** It is not called any more. */
  cancel(update: () => void): void {
    this.#waiting.delete(update)
  }

  readonly #run = (): void => {
    const until = performance.now() + FRAME_BUDGET_MS
    do {
      flushSync(() => {
        for (const update of [...this.#waiting].slice(0, AT_ONCE)) {
          this.#waiting.delete(update)
          update()
        }
      })
    } while (this.#waiting.size > 0 && performance.now() < until)
    if (this.#waiting.size > 0) requestAnimationFrame(this.#run)
  }
}

/** Like useSyncExternalStore, but rendered again in one of the next frames. `subscribe` must stay the same. */
export function usePaced<Value>(
  updates: PacedUpdates,
  subscribe: (changed: () => void) => () => void,
  read: () => Value,
): Value {
  const paced = useCallback(
    (changed: () => void) => {
      const stop = subscribe(() => updates.request(changed))
      return () => {
        stop()
        updates.cancel(changed)
      }
    },
    [updates, subscribe],
  )
  return useSyncExternalStore(paced, read)
}
