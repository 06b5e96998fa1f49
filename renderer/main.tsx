import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/base.css'
import './ui/widgets.css'
import { App } from './app.tsx'
import { startSession } from './store/engine.ts'
import { startView } from './store/view.ts'
import { transportFor } from './transport/host.ts'

startView()
startSession(transportFor(window))

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
