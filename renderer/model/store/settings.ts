/** The settings: applied by the page immediately, and stored by the engine. */
import { ORPCError, safe } from '@orpc/client'
import { DEFAULT_SETTINGS } from '../../../electron/contract/default-settings.ts'
import type { Settings } from '../../../electron/contract/settings.ts'
import type { EngineClient } from '../transport/transport.ts'
import { problemOf } from './problem.ts'
import type { SessionStore } from './session.ts'

export type SettingsStore = {
  /** Reads the settings of a new engine, and sends it those that were changed while none was connected. */
  readonly load: (client: EngineClient, signal: AbortSignal) => Promise<void>
  readonly change: (change: Partial<Settings>) => Promise<void>
}

export function createSettings(session: SessionStore): SettingsStore {
  /** Changed while no engine was connected. */
  let pending: Partial<Settings> = {}
  /** Changed since the settings were asked for: the answer may not have them yet. */
  let since: Partial<Settings> = {}

  const store = async (client: EngineClient, change: Partial<Settings>) => {
    const { error } = await safe(client.settings.set(change))
    // Disconnected: sent again after reconnecting.
    if (error && !(error instanceof ORPCError)) pending = { ...change, ...pending }
    else session.setState({ problem: error ? problemOf(error, 'store the settings') : null })
  }

  return {
    async load(client, signal) {
      since = {}
      const settings = await client.settings.get(undefined, { signal })
      const chosen = pending
      pending = {}
      session.setState({ settings: { ...settings, ...since, ...chosen } })
      if (Object.keys(chosen).length > 0) await store(client, chosen)
    },
    async change(change) {
      const { client, settings } = session.getState()
      since = { ...since, ...change }
      session.setState({ settings: { ...(settings ?? DEFAULT_SETTINGS), ...change } })
      if (client) await store(client, change)
      else pending = { ...pending, ...change }
    },
  }
}
