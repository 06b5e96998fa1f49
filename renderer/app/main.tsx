import './no-eval.ts'
import { createRoot } from 'react-dom/client'
import '../ui/tokens.css'
import '../ui/base.css'
import { startLab } from '../features/lab/actions.ts'
import { startDrop } from '../features/snapshots/drop.ts'
import { startPlayback } from '../features/snapshots/playback.ts'
import { startRecordingWatch } from '../features/snapshots/recording.ts'
import { startSession } from '../model/store/engine.ts'
import { startFindings } from '../model/store/findings.ts'
import { startView } from '../model/store/view.ts'
import { transportFor } from '../model/transport/host.ts'
import { App } from './app.tsx'
import { startKeyboard } from './keyboard.ts'
import { startTheme } from './theme.ts'

startTheme(window)
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
