/** Reads a stream of the contract by polling (electron/contract/live.ts), at most one answer per animation frame. */
import { linkedAbort } from '../../../electron/contract/linked-abort.ts'
import type { Cursor } from '../../../electron/contract/live.ts'
import type { SessionStore } from './session.ts'

export type Ask<Change> = (after: Cursor | undefined, signal: AbortSignal) => Promise<Change>

/**
 * Polls until `signal` is aborted, passing each answer to `take`. The browser renders between two answers, so a large
 * frame arrives page by page without blocking the screen. Rejects with the errors of `ask`.
 */
export async function follow<Change extends { cursor: Cursor }>(
  ask: Ask<Change>,
  take: (change: Change) => void,
  signal: AbortSignal,
): Promise<void> {
  let after: Cursor | undefined
  while (!signal.aborted) {
    const change = await ask(after, signal)
    if (signal.aborted) return
    take(change)
    after = change.cursor
    await nextFrame()
  }
}

/**
 * Like `follow`, for the current source. In a recording the user moves between snapshots: the stream continues from the
 * current one and reports the differences. A paged frame is completed first, so that two snapshots are never mixed.
 */
export async function followShown<Change extends { cursor: Cursor; more: boolean }>(
  session: SessionStore,
  ask: (source: { snapshot?: string }, after: { after?: Cursor }, signal: AbortSignal) => Promise<Change>,
  take: (change: Change) => void,
  signal: AbortSignal,
): Promise<void> {
  let source = session.getState().snapshotId
  let whole = false
  const askAbout = async (after: Cursor | undefined, signal: AbortSignal): Promise<Change> => {
    for (;;) {
      const { snapshotId: wanted } = session.getState()
      const moves = whole || after === undefined
      const waits = whole && wanted === source
      if (moves) source = wanted
      const end = linkedAbort([signal])
      let moved = false
      const stop = session.subscribe(({ snapshotId }) => {
        // Only a request that waits for news is interrupted: others are answered soon.
        if (!waits || snapshotId === source) return
        moved = true
        end.abort()
      })
      try {
        const asked = source === null ? {} : { snapshot: source }
        const change = await ask(asked, after === undefined ? {} : { after }, end.signal)
        whole = !change.more
        return change
      } catch (error) {
        if (signal.aborted || !moved) throw error
      } finally {
        stop()
        end.release()
      }
    }
  }
  await follow(askAbout, take, signal)
}

/** Resolves after the next animation frame, or soon if the page is hidden and renders none. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === 'hidden') setTimeout(resolve, 100)
    else requestAnimationFrame(() => setTimeout(resolve, 0))
  })
}
