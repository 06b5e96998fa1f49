/** The gallery: `?entry=NAME` shows one entry, `&theme=dark` (or `light`) in that theme; without an entry, the list. */
import { createRoot } from 'react-dom/client'
import '../../renderer/ui/tokens.css'
import '../../renderer/ui/base.css'
import { entries } from './entries/index.ts'
import { List } from './list.tsx'

const asked = new URLSearchParams(window.location.search)
const theme = asked.get('theme')
if (theme !== null) document.documentElement.dataset.theme = theme

const entry = entries.find(({ name }) => name === asked.get('entry'))
const root = document.getElementById('root')
if (root) createRoot(root).render(entry?.make() ?? <List entries={entries} />)
