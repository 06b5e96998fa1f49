/** The settings: applied by the page immediately, and stored by the engine. */
import { ORPCError, safe } from '@orpc/client'
import { DEFAULT_SETTINGS } from '../../../electron/contract/default-settings.ts'
import type { Settings } from '../../../electron/contract/settings.ts'
import type { EngineClient } from '../transport/transport.ts'
import { problemOf } from './problem.ts'
import type { SessionStore } from './session.ts'

/**
 * New values; where they follow from the present ones, as of a list that gets an entry, a function of these. It is
 * applied again to what the engine has stored, if that was not known yet.
 */
export type SettingsChange = Partial<Settings> | ((settings: Settings) => Partial<Settings>)

export type SettingsStore = {
  /** Reads the settings of a new engine, and has it store what was changed before they were here. */
  readonly load: (client: EngineClient, signal: AbortSignal) => Promise<void>
  readonly change: (change: SettingsChange) => Promise<void>
}

export function createSettings(session: SessionStore): SettingsStore {
  /** Not stored yet, in their order. */
  let pending: readonly SettingsChange[] = []
  /** The engine whose settings are known. */
  let known: EngineClient | null = null

  /** Shows the settings with these changes, and returns what they changed. */
  const show = (settings: Settings, changes: readonly SettingsChange[]): Partial<Settings> => {
    let changed: Partial<Settings> = {}
    for (const change of changes) {
      changed = { ...changed, ...(typeof change === 'function' ? change({ ...settings, ...changed }) : change) }
    }
    session.setState({ settings: { ...settings, ...changed } })
    return changed
  }

  const store = async (client: EngineClient, changed: Partial<Settings>, changes: readonly SettingsChange[]) => {
    const { error } = await safe(client.settings.set(changed))
    // Disconnected: sent again after reconnecting.
    if (error && !(error instanceof ORPCError)) pending = [...changes, ...pending]
    else session.setState({ problem: error ? problemOf(error, 'store the settings') : null })
  }

  return {
    async load(client, signal) {
      const settings = await client.settings.get(undefined, { signal })
      known = client
      const changes = pending
      pending = []
      const changed = show(settings, changes)
      if (changes.length > 0) await store(client, changed, changes)
    },
    async change(change) {
      const { client, settings } = session.getState()
      const changed = show(settings ?? DEFAULT_SETTINGS, [change])
      if (client && client === known) await store(client, changed, [change])
      else pending = [...pending, change]
    },
  }
}
