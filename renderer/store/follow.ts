/** Reads a stream of the contract by asking (electron/contract/live.ts), at most one answer a frame. */
import type { Position } from '../../electron/contract/live.ts'

export type Ask<Change> = (after: Position | undefined, signal: AbortSignal) => Promise<Change>

/**
 * Asks until `signal` is aborted, and gives each answer to `take`. Between two answers a frame is drawn, so a large
 * picture comes in page by page and never holds the screen up. Rejects with what `ask` rejects with.
 */
export async function follow<Change extends { position: Position }>(
  ask: Ask<Change>,
  take: (change: Change) => void,
  signal: AbortSignal,
): Promise<void> {
  let after: Position | undefined
  while (!signal.aborted) {
    const change = await ask(after, signal)
    if (signal.aborted) return
    take(change)
    after = change.position
    await nextFrame()
  }
}

/** Resolves after the next frame, or soon where the page is hidden and draws none. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === 'hidden') setTimeout(resolve, 100)
    else requestAnimationFrame(() => setTimeout(resolve, 0))
  })
}
