/** The parts of the `electron` module that the bundles use. Everything else is an error (strict.ts). */
import { EventEmitter } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Port } from './ports.ts'
import { Session } from './session.ts'
import { strict, strictOptions } from './strict.ts'
import { UtilityProcess } from './utility-process.ts'
import { type BrowserWindow, StrictBrowserWindow, type WindowOptions } from './window.ts'

type MenuItem = { label?: string; role?: string; type?: string; submenu?: MenuItem[]; click?: () => void }

/** Effects visible to the user or outside the program. */
export const seen = {
  external: [] as string[],
  dialogs: [] as { message: string; detail?: string }[],
  /** Answers to the next message boxes: indexes of buttons. */
  answers: [] as number[],
  menu: [] as MenuItem[],
  schemes: [] as unknown[],
  sandboxed: false,
  paths: {} as Record<string, string>,
  name: '',
  desktopName: '',
  about: {} as Record<string, string>,
}

export const sessions = new Map<string, Session>()

class App extends EventEmitter {
  isPackaged = false
  isReady = false
  becomeReady: () => void = () => {}
  readonly #ready = new Promise<void>((resolve) => {
    this.becomeReady = () => {
      this.isReady = true
      resolve()
    }
  })
  #exiting = false
  enableSandbox(): void {
    beforeReady('app.enableSandbox')
    seen.sandboxed = true
  }
  setPath(name: string, path: string): void {
    seen.paths[name] = path
  }
  setName(name: string): void {
    seen.name = name
  }
  setDesktopName(name: string): void {
    beforeReady('app.setDesktopName')
    seen.desktopName = name
  }
  setAboutPanelOptions(options: Record<string, string>): void {
    strictOptions('app.setAboutPanelOptions', options, ['applicationName', 'applicationVersion', 'iconPath'])
    seen.about = options
  }
  getPath(name: string): string {
    if (name !== 'downloads') throw new Error(`Failed to get '${name}' path`)
    return join(homedir(), 'Downloads')
  }
  requestSingleInstanceLock(): boolean {
    return true
  }
  whenReady(): Promise<void> {
    return this.#ready
  }
  quit(): void {
    if (this.#exiting) return
    this.#exiting = true
    this.emit('before-quit')
    this.emit('will-quit', { preventDefault: () => {} })
    this.exit(0)
  }
  exit(code: number): void {
    this.#exiting = true
    this.emit('shell-exit', code)
  }
}

export const app = new App()

/** Electron throws for calls that come too late or too early. */
function beforeReady(call: string): void {
  if (app.isReady) throw new Error(`${call}() must be called before app is ready`)
}
function afterReady<T extends unknown[], R>(call: string, action: (...args: T) => R): (...args: T) => R {
  return (...args) => {
    if (!app.isReady) throw new Error(`${call} cannot be used before app is ready`)
    return action(...args)
  }
}

export const ipcMain = new EventEmitter()

class NativeTheme extends EventEmitter {
  #source = 'system'
  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark'
  }
  get themeSource(): string {
    return this.#source
  }
  set themeSource(source: string) {
    this.#source = source
    this.emit('updated')
  }
}
export const nativeTheme = new NativeTheme()

const WORK_AREA = { x: 0, y: 0, width: 1920, height: 1080 }

export const electron = strict('electron', {
  app: strict('app', app),
  BrowserWindow: new Proxy(StrictBrowserWindow, {
    construct: afterReady('BrowserWindow', (Window, [options]: [WindowOptions]): BrowserWindow => new Window(options)),
  }),
  MessageChannelMain: class MessageChannelMain {
    readonly port1: Port
    readonly port2: Port
    constructor() {
      ;[this.port1, this.port2] = Port.pair()
    }
  },
  Menu: strict('Menu', {
    buildFromTemplate: (template: MenuItem[]) => template,
    setApplicationMenu: (menu: MenuItem[]) => {
      seen.menu = menu
    },
  }),
  dialog: strict('dialog', {
    // As Electron does without a display.
    showErrorBox: (message: string, detail: string) => void process.stderr.write(`${message}\n${detail}\n`),
    showMessageBox: async (_window: unknown, options: { message: string; detail?: string }) => {
      seen.dialogs.push({ message: options.message, ...(options.detail ? { detail: options.detail } : {}) })
      return { response: seen.answers.shift() ?? 0 }
    },
  }),
  ipcMain: strict('ipcMain', ipcMain),
  nativeTheme: strict('nativeTheme', nativeTheme),
  protocol: strict('protocol', {
    registerSchemesAsPrivileged: (schemes: unknown[]) => {
      beforeReady('protocol.registerSchemesAsPrivileged')
      seen.schemes.push(...schemes)
    },
  }),
  screen: strict('screen', {
    getAllDisplays: afterReady('screen', () => [strict('Display', { workArea: WORK_AREA })]),
  }),
  session: strict('session', {
    fromPartition: afterReady('session', (name: string) => {
      const existing = sessions.get(name) ?? strict('Session', new Session())
      sessions.set(name, existing)
      return existing
    }),
  }),
  shell: strict('shell', { openExternal: async (url: string) => void seen.external.push(url) }),
  utilityProcess: strict('utilityProcess', { fork: afterReady('utilityProcess', UtilityProcess.fork) }),
})
