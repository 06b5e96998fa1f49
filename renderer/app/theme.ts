/** Applies the theme to the page. Also stored by the browser, so that startup does not flash in the wrong theme. */
import type { Settings } from '../../electron/contract/settings.ts'
import type { SessionStore } from '../model/store/session.ts'

const KEPT = 'reuseport-inspector/theme'

/** Applies the last theme until the engine's settings arrive, and then theirs. Call once. */
export function startTheme(page: Window, session: SessionStore): void {
  const kept = page.localStorage.getItem(KEPT)
  if (kept === 'light' || kept === 'dark') showTheme(page, kept)
  session.subscribe(({ settings }, before) => {
    if (settings && settings.theme !== before.settings?.theme) showTheme(page, settings.theme)
  })
}

function showTheme(page: Window, theme: Settings['theme']): void {
  const { dataset } = page.document.documentElement
  if (theme === 'system') delete dataset.theme
  else dataset.theme = theme
  page.localStorage.setItem(KEPT, theme)
}
