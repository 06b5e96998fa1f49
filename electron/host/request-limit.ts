/** Limits the pending requests of one page: streams are read by polling, so a page needs a few at once. */
import { ORPCError } from '@orpc/server'
import type { Engine } from '../engine/index.ts'

export type EngineRouter = Engine['router']

/** Enough for every stream and panel of a page. */
export const MAX_PENDING = 64

/** An interceptor for one page's RPCHandler: requests beyond `most` are answered with TOO_MANY_REQUESTS at once. */
export function limitRequests(most: number): <T>(options: { next: () => Promise<T> }) => Promise<T> {
  let pending = 0
  return async ({ next }) => {
    if (pending >= most) {
      throw new ORPCError('TOO_MANY_REQUESTS', { message: `Too many pending requests: this page already has ${most}.` })
    }
    pending++
    try {
      return await next()
    } finally {
      pending--
    }
  }
}
