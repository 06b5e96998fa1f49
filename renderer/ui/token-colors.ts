/** Colors of tokens.css as values, for drawing on a canvas. */
import { useSyncExternalStore } from 'react'

/** The computed colors of these custom properties in the current theme. */
export function tokenColors<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const probe = document.createElement('i')
  // With forced colors, every color of text would be the same.
  probe.style.forcedColorAdjust = 'none'
  document.body.append(probe)
  const entries = names.map((name) => {
    probe.style.color = `var(--${name})`
    return [name, getComputedStyle(probe).color] as const
  })
  probe.remove()
  return Object.fromEntries(entries) as Record<Name, string>
}

const PREFERENCES = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)']

/** What decides the colors, as text that changes when they do, so that canvases can be redrawn. */
export function useTheme(): string {
  return useSyncExternalStore(subscribe, () =>
    [document.documentElement.dataset.theme, ...PREFERENCES.map((query) => matchMedia(query).matches)].join(' '),
  )
}

function subscribe(changed: () => void): () => void {
  const schemes = PREFERENCES.map((query) => matchMedia(query))
  for (const scheme of schemes) scheme.addEventListener('change', changed)
  const chosen = new MutationObserver(changed)
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => {
    for (const scheme of schemes) scheme.removeEventListener('change', changed)
    chosen.disconnect()
  }
}
