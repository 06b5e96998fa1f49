/** Loads what the first frame does not need (later.ts), once. */
import { createStore, type StoreApi } from 'zustand'
import type * as later from './later.ts'

export type Later = typeof later

export type LaterCode = {
  readonly state: StoreApi<{
    /** null until it is loaded. */
    later: Later | null
    /** Why it could not be loaded: the server is gone, or serves another version. */
    failed: boolean
  }>
  /** Loads it, unless it is loaded or being loaded. */
  readonly load: () => void
}

/** `fetchCode`: fetches that file. */
export function createLaterCode(fetchCode: () => Promise<Later>): LaterCode {
  const state = createStore<{ later: Later | null; failed: boolean }>(() => ({ later: null, failed: false }))
  let loading = false
  return {
    state,
    load() {
      if (loading) return
      loading = true
      fetchCode().then(
        (later) => state.setState({ later, failed: false }),
        () => {
          loading = false
          state.setState({ failed: true })
        },
      )
    },
  }
}
