/** The window: its security settings, its bounds, and what happens when its page crashes. */
import { BrowserWindow, dialog, nativeTheme, type Session, screen } from 'electron'
import { PAGE_URL } from './origin.ts'
import { RestartBudget } from './restart-budget.ts'
import { MIN_SIZE, placeWindow, placeWithoutFrame, readWindowState, writeWindowState } from './window-state.ts'

export type WindowOptions = {
  readonly session: Session
  /** The built preload. */
  readonly preload: string
  /** File with the window's bounds. */
  readonly statePath: string
  /** A PNG. */
  readonly icon: string
  /** Developer tools may be opened. */
  readonly developer: boolean
}

/** Opens the window and loads the page in it. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const remembered = readWindowState(options.statePath)
  const place = placeWindow(
    remembered,
    screen.getAllDisplays().map((display) => display.workArea),
  )
  const window = new BrowserWindow({
    ...place,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    title: 'Reuseport Inspector',
    icon: options.icon,
    backgroundColor: backgroundColor(),
    show: false,
    webPreferences: {
      session: options.session,
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: options.developer,
    },
  })
  let first = window.getNormalBounds()
  window.once('show', () => {
    first = window.getNormalBounds()
  })
  // Shown at once, in its own color: on Wayland a window that waits for its first paint never gets one
  // (electron#48859).
  if (remembered?.maximized) window.maximize()
  else window.show()
  window.on('close', () => {
    const bounds = placeWithoutFrame(place, first, window.getNormalBounds())
    const state = { bounds, maximized: window.isMaximized() }
    writeWindowState(options.statePath, state, (message) => process.stderr.write(`${message}\n`))
  })
  nativeTheme.on('updated', () => {
    if (!window.isDestroyed()) window.setBackgroundColor(backgroundColor())
  })
  reloadAfterCrash(window)
  void window.loadURL(PAGE_URL)
  return window
}

/** Background before the page renders: --surface-frame of tokens.css. */
function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? '#0f1114' : '#f2f4f6'
}

/**
 * Reloads a crashed page: the engine holds the settings, so only the scroll position is lost. After three crashes
 * within a minute the user decides whether to try again.
 */
function reloadAfterCrash(window: BrowserWindow): void {
  const budget = new RestartBudget(3, 60_000)
  window.webContents.on('render-process-gone', async (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    if (budget.take(Date.now())) return window.webContents.reload()
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: 'The page crashed again',
      detail: `It crashed four times within a minute (${reason}). Your settings are safe.`,
      buttons: ['Try again', 'Close'],
      defaultId: 0,
      cancelId: 1,
    })
    if (window.isDestroyed()) return
    if (response !== 0) return window.destroy()
    budget.reset()
    window.webContents.reload()
  })
}
