/** Entry of Electron's main process: checks the user, blocks what no page needs, and opens one window. */

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
import { ASK_PORT, isPeerName, NO_PORT, PORT } from '../contract/channels.ts'
import { configFolder, fileSettings, installation, reasonOf, settingsPath } from '../engine/index.ts'
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
  // In a source tree the app's name is "Electron", for which a desktop finds no icon.
  app.setName(NAME)
  app.setDesktopName('reuseport-inspector.desktop')
  app.setAboutPanelOptions({ applicationName: NAME, applicationVersion: version, iconPath: iconPath() })
  // Keep Chromium's own files apart from settings.json, which the browser front also uses.
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
      `The folder ${path}, where the window keeps its files, cannot be created: ${reasonOf(error).cause}. ` +
        'The same interface works in a browser without it: `reuseport-inspector serve`, in a source tree `npm start -- --browser`.',
      { cause: error },
    )
  }
}

async function open(): Promise<void> {
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
  ipcMain.on(ASK_PORT, (event, peer: unknown) => {
    if (!isOurPage(event, window?.webContents ?? null) || !isPeerName(peer)) return
    const answer = engine.connect(peer)
    if ('postMessage' in answer) post(event.sender, PORT, peer, [answer])
    else post(event.sender, NO_PORT, answer)
  })

  // The engine also reports the theme, but the window opens before it.
  const settings = await fileSettings(settingsPath(), (message) => process.stderr.write(`${message}\n`))
  nativeTheme.themeSource = settings.read().theme
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

/**
 * Posts to a page, if it exists: Electron throws for a frame that is gone, and the next page requests a port itself.
 */
function post(page: WebContents, channel: string, message: unknown, ports: MessagePortMain[] = []): void {
  try {
    page.postMessage(channel, message, ports)
  } catch {
    // The page is gone.
  }
}

function showWindow(): void {
  if (window === null) return
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/** The exit status of the terminal program that fails (ExitStatus): they are one command. */
const FAILED = 3

function fail(error: unknown): void {
  dialog.showErrorBox('Reuseport Inspector cannot start', error instanceof Error ? error.message : String(error))
  app.exit(FAILED)
}

// Writing to a closed terminal fails; without a listener that would open an error box.
process.stderr.on('error', () => {})

if (process.getuid?.() === 0) {
  process.stderr.write(
    'The window does not open as root: running Chromium as root is unsafe. ' +
      'Run it as an ordinary user, or run `reuseport-inspector serve` as root and open its address.\n',
  )
  app.exit(FAILED)
} else {
  // On an exception here Electron would print it, and then wait forever without a window.
  try {
    start()
  } catch (error) {
    fail(error)
  }
}
