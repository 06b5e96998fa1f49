import { createRoot } from 'react-dom/client'
import '../ui/tokens.css'
import '../ui/base.css'
import { startDrop } from '../features/snapshots/drop.ts'
import { transportsFor } from '../model/transport/host.ts'
import { startKeyboard } from './keyboard.ts'
import { createLaterCode } from './later-code.ts'
import { desktopOf, startNotifications } from './notifications.ts'
import { createPage } from './page.tsx'
import { createPages, keepPlaces, ShownPage, startAddressAndTitle } from './pages.tsx'
import { startSharedSettings } from './shared-settings.ts'
import { startTheme } from './theme.ts'

const pages = createPages(createPage())
const { near } = pages
const { session, engine } = near.store
startTheme(window, session)
startSharedSettings(session)
// It takes the token out of the address before anything else reads that.
const transportTo = transportsFor(window, () => session.getState().client !== null, engine.retryNow)
// The place of a host is in the address before its view is read from there.
keepPlaces(window, pages)
startAddressAndTitle(window, pages)
near.store.start(transportTo('engine'))
near.hosts.start(transportTo)
startKeyboard(window, pages.current)
startNotifications(desktopOf(window), near.hosts)
startDrop(window, () => pages.current().snapshots)

const root = document.getElementById('root')
if (root) createRoot(root).render(<ShownPage pages={pages} later={createLaterCode(() => import('./later.ts'))} />)
