/**
 * Settings that one tab changes apply in the other tabs of this browser too: theme, columns, what is muted. Filter and
 * order belong to each tab. Sampling is the engine's: what pauses it or changes its interval reaches every page.
 */
import type { Settings } from '../../electron/contract/settings.ts'
import type { SessionStore } from '../model/store/session.ts'

const CHANNEL = 'reuseport-inspector/settings'
const OWN: ReadonlySet<string> = new Set<keyof Settings>(['filter', 'sort'])

/** Starts sending and receiving. Call once. */
export function startSharedSettings(session: SessionStore): void {
  const others = new BroadcastChannel(CHANNEL)
  let receiving = false
  session.subscribe(({ settings }, { settings: before }) => {
    if (receiving || settings === null || before === null || settings === before) return
    const changed = changedIn(settings, before)
    if (Object.keys(changed).length > 0) others.postMessage(changed)
  })
  others.addEventListener('message', ({ data }: MessageEvent<Partial<Settings>>) => {
    const { settings } = session.getState()
    if (settings === null) return
    receiving = true
    session.setState({ settings: { ...settings, ...data } })
    receiving = false
  })
}

/** The shared settings that differ. */
export function changedIn(settings: Settings, before: Settings): Partial<Settings> {
  const entries = Object.entries(settings).filter(
    ([name, value]) => !OWN.has(name) && JSON.stringify(value) !== JSON.stringify(before[name as keyof Settings]),
  )
  return Object.fromEntries(entries)
}
