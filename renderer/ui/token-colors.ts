/** Colors of tokens.css as values, for drawing on a canvas. */
import { useSyncExternalStore } from 'react'

/** The computed colors of these custom properties in the current theme. */
export function tokenColors<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const probe = document.createElement('i')
  document.body.append(probe)
  const entries = names.map((name) => {
    probe.style.color = `var(--${name})`
    return [name, getComputedStyle(probe).color] as const
  })
  probe.remove()
  return Object.fromEntries(entries) as Record<Name, string>
}

/** Counts theme changes, so that canvases can be redrawn. */
export function useThemeVersion(): number {
  return useSyncExternalStore(subscribe, () => version)
}

let version = 0

function subscribe(changed: () => void): () => void {
  const told = () => {
    version++
    changed()
  }
  const schemes = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) => matchMedia(query))
  for (const scheme of schemes) scheme.addEventListener('change', told)
  const chosen = new MutationObserver(told)
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => {
    for (const scheme of schemes) scheme.removeEventListener('change', told)
    chosen.disconnect()
  }
}
