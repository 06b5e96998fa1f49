/** The settings are the user's, not a host's: what is changed while one host is shown holds for all of them. */
import type { Settings } from '../../../electron/contract/settings.ts'
import type { SessionStore } from '../store/session.ts'

/** Keeps the settings of all added sessions equal to those of `near`. `add` returns a function that ends that. */
export function shareSettings(near: SessionStore): { add: (session: SessionStore) => () => void } {
  const pass = (to: SessionStore, settings: Settings | null) => {
    if (settings !== null && to.getState().settings !== settings) to.setState({ settings })
  }
  return {
    add(session) {
      pass(session, near.getState().settings)
      const ends = [
        session.subscribe(({ settings }, before) => {
          if (settings !== before.settings) pass(near, settings)
        }),
        near.subscribe(({ settings }, before) => {
          if (settings !== before.settings) pass(session, settings)
        }),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}
