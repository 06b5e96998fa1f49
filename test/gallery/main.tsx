/**
 * The gallery: `?entry=NAME` shows one entry, `&theme=dark` (or `light`) in that theme; without an entry, the list. It
 * follows its history without a new document.
 */
import { createRoot, type Root } from 'react-dom/client'
import '../../renderer/ui/tokens.css'
import '../../renderer/ui/base.css'
import { entries } from './entries/index.ts'
import { List } from './list.tsx'

const element = document.getElementById('root')
let shown: { search: string; root: Root; end: AbortController } | null = null

/** Shows what the address names, in place of what it named before. */
function show(): void {
  const { search } = window.location
  // What is shown has a place of its own after `#`.
  if (element === null || shown?.search === search) return
  shown?.end.abort()
  shown?.root.unmount()
  shown = { search, root: createRoot(element), end: new AbortController() }
  const asked = new URLSearchParams(search)
  const theme = asked.get('theme')
  if (theme === null) delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  const entry = entries.find(({ name }) => name === asked.get('entry'))
  shown.root.render(entry?.make(shown.end.signal) ?? <List entries={entries} />)
}

window.addEventListener('popstate', show)
show()
