/** How many questions of one page may wait at once: streams are read by asking, so a page needs a handful. */
import { ORPCError } from '@orpc/server'
import type { Engine } from '../engine/engine.ts'

export type EngineRouter = Engine['router']

/** Enough for every stream and panel of a page. */
export const MOST_PENDING = 64

/** An interceptor for one page's RPCHandler: what is asked beyond `most` is answered with TOO_MANY_REQUESTS at once. */
export function limitPending(most: number): <T>(options: { next: () => Promise<T> }) => Promise<T> {
  let pending = 0
  return async ({ next }) => {
    if (pending >= most) {
      throw new ORPCError('TOO_MANY_REQUESTS', { message: `${most} questions of this page wait already.` })
    }
    pending++
    try {
      return await next()
    } finally {
      pending--
    }
  }
}
