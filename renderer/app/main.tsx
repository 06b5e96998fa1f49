import './no-eval.ts'
import { createRoot } from 'react-dom/client'
import '../ui/tokens.css'
import '../ui/base.css'
import { startDrop } from '../features/snapshots/drop.ts'
import { transportsFor } from '../model/transport/host.ts'
import { startKeyboard } from './keyboard.ts'
import { createPage } from './page.tsx'
import { createPages, keepPlaces, ShownPage } from './pages.tsx'
import { startTheme } from './theme.ts'

const pages = createPages(createPage())
const { near } = pages
const transportTo = transportsFor(window)
startTheme(window, near.store.session)
keepPlaces(window, pages)
near.store.start(transportTo('engine'))
near.hosts.start(transportTo)
startKeyboard(window, pages.current)
startDrop(window, () => pages.current().snapshots)

const root = document.getElementById('root')
if (root) createRoot(root).render(<ShownPage pages={pages} />)
