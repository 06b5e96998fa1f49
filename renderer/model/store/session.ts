/** The page's state about its engine: connection, machine, sampling, settings. */
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { SamplerStatus, Totals } from '../../../electron/contract/live.ts'
import type { Host, Namespace } from '../../../electron/contract/model.ts'
import type { Settings } from '../../../electron/contract/settings.ts'
import type { StoredItem } from '../../../electron/contract/snapshots.ts'
import type { EngineClient } from '../transport/transport.ts'

export type Link =
  /** Nothing has been shown yet. `since` in milliseconds since the epoch, as in the other phases. */
  | { phase: 'connecting'; since: number }
  | { phase: 'open'; since: number }
  /** `retryAt` is null while an attempt is in progress. */
  | { phase: 'lost'; since: number; reason: string; retryAt: number | null }

export type Machine = { host: Host; engine: string; startedAt: string }

export type Session = {
  link: Link
  /** Present while the link is open. */
  client: EngineClient | null
  machine: Machine | null
  namespaces: readonly Namespace[]
  totals: Totals | null
  sampling: SamplerStatus | null
  /** When the engine last answered, by this page's clock. */
  lastAnswerAt: number | null
  /** How far the engine's clock is ahead of this page's; null until an answer or its link shows it (engine-clock.ts). */
  clockAheadMs: number | null
  /** True once the first frame is complete. */
  complete: boolean
  settings: Settings | null
  /** The snapshot or recording shown in place of live data; null when live. */
  source: StoredItem | null
  /** The snapshot that the streams request: the id of `shown`, for a recording with the snapshot's number. */
  snapshotId: string | null
  /** The engine's error when it cannot provide any groups; otherwise null. */
  failure: { problem: Problem; forbidden: boolean } | null
  /** The error of the last user action; null if it succeeded. */
  problem: Problem | null
}

export type SessionStore = StoreApi<Session>

export function createSession(): SessionStore {
  return createStore<Session>(() => ({
    link: { phase: 'connecting', since: Date.now() },
    client: null,
    machine: null,
    namespaces: [],
    totals: null,
    sampling: null,
    lastAnswerAt: null,
    clockAheadMs: null,
    complete: false,
    settings: null,
    source: null,
    snapshotId: null,
    failure: null,
    problem: null,
  }))
}

/** True when the screen shows old data because the engine is not responding. */
export function isStale(session: Session): boolean {
  return session.link.phase !== 'open' && session.complete
}
