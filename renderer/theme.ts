/** The chosen theme on the page. Kept by the browser too, so that a start does not flash in the wrong one. */
import type { Settings } from '../electron/contract/settings.ts'

const KEPT = 'reuseport-inspector/theme'

export function showTheme(page: Window, theme: Settings['theme']): void {
  const { dataset } = page.document.documentElement
  if (theme === 'system') delete dataset.theme
  else dataset.theme = theme
  page.localStorage.setItem(KEPT, theme)
}

/** The theme of the last time, until the engine tells. */
export function showKeptTheme(page: Window): void {
  const kept = page.localStorage.getItem(KEPT)
  if (kept === 'light' || kept === 'dark') showTheme(page, kept)
}
