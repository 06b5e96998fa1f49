/** Reads a stream of the contract by asking (electron/contract/live.ts), at most one answer a frame. */
import { linkedAbort } from '../../electron/contract/linked-abort.ts'
import type { Position } from '../../electron/contract/live.ts'
import { useSession } from './session.ts'

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

/**
 * As `follow`, of the picture that is shown. In a recording the person moves from picture to picture: the stream goes on
 * from the one that it has, and tells what differs. A picture in pages is taken whole first, because half of one and half
 * of another would be neither.
 */
export async function followShown<Change extends { position: Position; more: boolean }>(
  ask: (picture: { snapshot?: string }, after: { after?: Position }, signal: AbortSignal) => Promise<Change>,
  take: (change: Change) => void,
  signal: AbortSignal,
): Promise<void> {
  let picture = useSession.getState().picture
  let whole = false
  const askAbout = async (after: Position | undefined, signal: AbortSignal): Promise<Change> => {
    for (;;) {
      const { picture: wanted } = useSession.getState()
      const moves = whole || after === undefined
      const waits = whole && wanted === picture
      if (moves) picture = wanted
      const end = linkedAbort([signal])
      let moved = false
      const stop = useSession.subscribe((session) => {
        // Only an engine that waits for something new is interrupted: one that answers is soon done.
        if (!waits || session.picture === picture) return
        moved = true
        end.abort()
      })
      try {
        const asked = picture === null ? {} : { snapshot: picture }
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

/** Resolves after the next frame, or soon where the page is hidden and draws none. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === 'hidden') setTimeout(resolve, 100)
    else requestAnimationFrame(() => setTimeout(resolve, 0))
  })
}
