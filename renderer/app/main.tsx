import './no-eval.ts'
import { createRoot } from 'react-dom/client'
import '../ui/tokens.css'
import '../ui/base.css'
import { startDrop } from '../features/snapshots/drop.ts'
import { transportFor } from '../model/transport/host.ts'
import { startAddress } from './address-sync.ts'
import { App } from './app.tsx'
import { startKeyboard } from './keyboard.ts'
import { createPage, PageProvider } from './page.tsx'
import { startSharedSettings } from './shared-settings.ts'
import { startTheme } from './theme.ts'

const page = createPage()
startTheme(window, page.store.session)
startSharedSettings(page.store.session)
const { session, engine } = page.store
const transport = transportFor(window, () => session.getState().client !== null, engine.retryNow)
startAddress(window, page)
page.store.start(transport)
startKeyboard(window, page)
startDrop(window, page.snapshots)

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <PageProvider page={page}>
      <App />
    </PageProvider>,
  )
