/** What the page knows about its engine: the connection, the machine, how sampling goes, the settings. */
import { create } from 'zustand'
import type { Problem } from '../../electron/contract/errors.ts'
import type { Sampling, Totals } from '../../electron/contract/live.ts'
import type { Host, Namespace } from '../../electron/contract/model.ts'
import type { Settings } from '../../electron/contract/settings.ts'
import type { Kept } from '../../electron/contract/snapshots.ts'
import type { EngineClient } from '../transport/transport.ts'

export type Link =
  /** Nothing was ever shown yet. `since` in milliseconds since the epoch, as in the others. */
  | { phase: 'connecting'; since: number }
  | { phase: 'open'; since: number }
  /** `retryAt` is null while a try is under way. */
  | { phase: 'lost'; since: number; reason: string; retryAt: number | null }

export type Machine = { host: Host; engine: string; startedAt: string }

export type Session = {
  link: Link
  /** Present while the link is open. */
  client: EngineClient | null
  machine: Machine | null
  namespaces: readonly Namespace[]
  totals: Totals | null
  sampling: Sampling | null
  /** When the newest answer of the engine came, by this page's own clock. */
  heardAt: number | null
  /** True once the first picture is complete. */
  complete: boolean
  settings: Settings | null
  /** The kept snapshot or recording that stands in the place of the live picture; null for the live one. */
  shown: Kept | null
  /** What the streams ask for: the id of `shown`, in a recording with the number of the picture. */
  picture: string | null
  /** The engine answers that it cannot show any group; null while it can. */
  refusal: { problem: Problem; forbidden: boolean } | null
  /** What the engine would not do for the person the last time; null when it did. */
  problem: Problem | null
}

const nothingYet: Session = {
  link: { phase: 'connecting', since: Date.now() },
  client: null,
  machine: null,
  namespaces: [],
  totals: null,
  sampling: null,
  heardAt: null,
  complete: false,
  settings: null,
  shown: null,
  picture: null,
  refusal: null,
  problem: null,
}

export const useSession = create<Session>(() => nothingYet)

/** True when what is on screen is kept from before: the engine does not answer now. */
export function isStale(session: Session): boolean {
  return session.link.phase !== 'open' && session.complete
}
