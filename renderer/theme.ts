/** Applies the theme to the page. Also stored by the browser, so that startup does not flash in the wrong theme. */
import type { Settings } from '../electron/contract/settings.ts'

const KEPT = 'reuseport-inspector/theme'

export function showTheme(page: Window, theme: Settings['theme']): void {
  const { dataset } = page.document.documentElement
  if (theme === 'system') delete dataset.theme
  else dataset.theme = theme
  page.localStorage.setItem(KEPT, theme)
}

/** Applies the last theme until the engine's settings arrive. */
export function showStoredTheme(page: Window): void {
  const kept = page.localStorage.getItem(KEPT)
  if (kept === 'light' || kept === 'dark') showTheme(page, kept)
}
