/** Entry of Electron's main process: who may start, what is refused everywhere, and one window. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  app,
  type BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  type MessagePortMain,
  nativeTheme,
  protocol,
  session,
  shell,
  type WebContents,
} from 'electron'
import { version } from '../../package.json'
import { installation } from '../engine/installation.ts'
import { configFolder, fileSettings, settingsPath } from '../engine/settings-file.ts'
import { ASK_PORT, NO_PORT, PORT } from '../host/channels.ts'
import { readPage } from '../host/page.ts'
import { EngineHost } from './engine-host.ts'
import { guardPage, guardSession, openHttps } from './guard.ts'
import { menuTemplate } from './menu.ts'
import { isOurPage, SCHEME } from './origin.ts'
import { servePage } from './page-protocol.ts'
import { openWindow } from './window.ts'

const NAME = 'Reuseport Inspector'

let window: BrowserWindow | null = null

function start(): void {
  app.enableSandbox()
  // From a source tree Electron calls itself "Electron", and a desktop finds no icon for that.
  app.setName(NAME)
  app.setDesktopName('reuseport-inspector.desktop')
  app.setAboutPanelOptions({ applicationName: NAME, applicationVersion: version, iconPath: iconPath() })
  // Chromium's own files stay apart from settings.json, which the browser front uses too.
  app.setPath('userData', makeFolder(join(configFolder(), 'window')))
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.on('second-instance', showWindow)
  app.on('web-contents-created', (_event, contents) => guardPage(contents, shell))
  app.on('window-all-closed', () => app.quit())
  app.whenReady().then(open).catch(fail)
}

function iconPath(): string {
  return app.isPackaged ? join(process.resourcesPath, 'icon.png') : installation().icon
}

function makeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return path
  } catch (error) {
    throw new Error(
      `The folder ${path} cannot be made (${(error as NodeJS.ErrnoException).code}), and the window keeps its files there. ` +
        'The same interface works without it in a browser: `reuseport-inspector serve`, in a source tree `npm start -- --browser`.',
      { cause: error },
    )
  }
}

function open(): void {
  const pageSession = session.fromPartition('page')
  guardSession(pageSession, app.getPath('downloads'))
  servePage(pageSession, readPage(join(import.meta.dirname, '../renderer')))

  const engine = new EngineHost({
    modulePath: join(import.meta.dirname, 'engine-process.cjs'),
    addonPath: app.isPackaged ? join(process.resourcesPath, 'reuseport.node') : installation().addon,
    settingsPath: settingsPath(),
    onTheme: (theme) => {
      nativeTheme.themeSource = theme
    },
    onEnd: (problem) => {
      if (window !== null) post(window.webContents, NO_PORT, problem)
    },
  })
  app.on('will-quit', () => engine.close())
  ipcMain.on(ASK_PORT, (event) => {
    if (!isOurPage(event, window?.webContents ?? null)) return
    const answer = engine.connect()
    if ('postMessage' in answer) post(event.sender, PORT, null, [answer])
    else post(event.sender, NO_PORT, answer)
  })

  // The engine tells the theme as well, but the window is there before it.
  nativeTheme.themeSource = fileSettings(settingsPath(), (message) => process.stderr.write(`${message}\n`)).read().theme
  const developer = !app.isPackaged
  const actions = { open: (url: string) => void openHttps(url, shell) }
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, developer)))
  window = openWindow({
    session: pageSession,
    preload: join(import.meta.dirname, '../preload/preload.cjs'),
    statePath: join(configFolder(), 'window.json'),
    icon: iconPath(),
    developer,
  })
  window.on('closed', () => {
    window = null
  })
}

/** To a page, if it is there: Electron throws for a frame that is gone, and the page that comes after it asks by itself. */
function post(page: WebContents, channel: string, message: unknown, ports: MessagePortMain[] = []): void {
  try {
    page.postMessage(channel, message, ports)
  } catch {
    // Nobody is left to be told.
  }
}

function showWindow(): void {
  if (window === null) return
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

function fail(error: unknown): void {
  dialog.showErrorBox('Reuseport Inspector cannot start', error instanceof Error ? error.message : String(error))
  app.exit(1)
}

// A terminal that was closed takes nothing more; unheard, that would raise a box with an error.
process.stderr.on('error', () => {})

if (process.getuid?.() === 0) {
  process.stderr.write(
    'The window is not opened as root: a browser engine with all rights is no safe thing. ' +
      'Run it as an ordinary user, or use `reuseport-inspector serve` as root and open its address.\n',
  )
  app.exit(1)
} else {
  // What is thrown here Electron would print, and then wait for ever without a window.
  try {
    start()
  } catch (error) {
    fail(error)
  }
}
