import './no-eval.ts'
import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/base.css'
import './ui/widgets.css'
import { App } from './app.tsx'
import { startKeyboard } from './keyboard.ts'
import { startLab } from './lab/acts.ts'
import { startDrop } from './snapshots/drop.ts'
import { startPlayback } from './snapshots/playback.ts'
import { startRecordingWatch } from './snapshots/recording.ts'
import { startSession } from './store/engine.ts'
import { startFindings } from './store/findings.ts'
import { startView } from './store/view.ts'
import { showKeptTheme } from './theme.ts'
import { transportFor } from './transport/host.ts'

showKeptTheme(window)
startView()
startFindings()
startPlayback()
startRecordingWatch()
startLab()
startSession(transportFor(window))
startKeyboard(window)
startDrop(window)

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
