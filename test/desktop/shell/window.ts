/** BrowserWindow and its webContents, over a page in Chromium. */
import { EventEmitter } from 'node:events'
import type { BrowserContext } from 'playwright-core'
import { ShellPage } from './page.ts'
import type { Port } from './ports.ts'
import type { Session } from './session.ts'
import { strict, strictOptions } from './strict.ts'

type Bounds = { x: number; y: number; width: number; height: number }
type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' }
export type WindowOptions = Partial<Bounds> & {
  webPreferences: { session: Session; preload: string } & Record<string, unknown>
} & Record<string, unknown>

/** The shell's replacement for Electron's process: where pages come from, and callbacks for new ones. */
export type Stage = {
  context: BrowserContext
  windows: BrowserWindow[]
  created(contents: WebContents): void
  message(contents: WebContents, channel: string, args: unknown[], frame: object): void
}
let stage: Stage | null = null
export const setStage = (next: Stage): void => {
  stage = next
}
function theStage(): Stage {
  if (stage === null) throw new Error('No window can be opened before the application is ready.')
  return stage
}

export class WebContents extends EventEmitter {
  readonly #options: WindowOptions
  #page: Promise<ShellPage> | null = null
  #openHandler: OpenHandler = () => ({ action: 'allow' })
  #url = ''
  #loading: Promise<void> = Promise.resolve()
  /** Its frame is gone: it crashed, or another document replaces it. */
  gone = false
  /** Windows that the page was allowed to open. */
  opened: string[] = []
  /** The proxy that the bundle uses. */
  known: WebContents = this

  constructor(options: WindowOptions) {
    super()
    this.#options = options
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler
  }

  postMessage(channel: string, message: unknown, ports: Port[] = []): void {
    // electron/electron#52309
    if (this.gone) throw new Error('Render frame was disposed before WebFrameMain could be accessed')
    const cloned = structuredClone(message)
    void this.page().then((page) => page.post(channel, cloned, ports))
  }

  reload(): void {
    void (this.#page === null ? this.load(this.#url) : this.#begin(async (page) => page.reload()))
  }

  load(url: string): Promise<void> {
    this.#url = url
    return this.#begin((page) => page.load(url))
  }

  /** The page, once its last navigation has finished. */
  async loaded(): Promise<ShellPage> {
    await this.#loading
    return this.page()
  }

  #begin(action: (page: ShellPage) => Promise<void>): Promise<void> {
    this.gone = false
    this.#loading = this.page().then(action)
    return this.#loading
  }

  page(): Promise<ShellPage> {
    this.#page ??= this.#create()
    return this.#page
  }

  /** Applies setWindowOpenHandler to a window that the page opens. */
  open(url: string): void {
    if (this.#openHandler({ url }).action === 'allow') this.opened.push(url)
  }

  async #create(): Promise<ShellPage> {
    const { session, preload } = this.#options.webPreferences
    const page = await ShellPage.create(theStage().context, session, preload)
    page.on('message', (channel: string, args: unknown[], frame: object) =>
      theStage().message(this, channel, args, frame),
    )
    page.on('navigate', (event) => this.emit('will-frame-navigate', event))
    page.on('open', (url: string) => this.open(url))
    page.once('loaded', () => this.emit('shell-first-load'))
    page.on('crash', () => {
      // The target cannot be reused; Electron gives the same webContents a new process.
      this.#page = null
      this.gone = true
      void page.page.close().catch(() => {})
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 })
    })
    return page
  }
}

const WINDOW_OPTIONS = [
  'x',
  'y',
  'width',
  'height',
  'minWidth',
  'minHeight',
  'title',
  'backgroundColor',
  'show',
  'icon',
  'webPreferences',
]
const WEB_PREFERENCES = [
  'session',
  'preload',
  'sandbox',
  'contextIsolation',
  'nodeIntegration',
  'nodeIntegrationInSubFrames',
  'nodeIntegrationInWorker',
  'webSecurity',
  'allowRunningInsecureContent',
  'experimentalFeatures',
  'webviewTag',
  'navigateOnDragDrop',
  'safeDialogs',
  'spellcheck',
  'devTools',
]

export class BrowserWindow extends EventEmitter {
  readonly options: WindowOptions
  readonly webContents: WebContents
  readonly #contents: WebContents
  visible: boolean
  #bounds: Bounds
  #maximized = false
  #destroyed = false
  calls: string[] = []

  constructor(options: WindowOptions) {
    super()
    strictOptions('BrowserWindow', options, WINDOW_OPTIONS)
    strictOptions('BrowserWindow.webPreferences', options.webPreferences, WEB_PREFERENCES)
    this.options = options
    this.visible = options.show !== false
    this.#bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 }
    this.#contents = new WebContents(options)
    this.webContents = strict('webContents', this.#contents)
    this.#contents.known = this.webContents
    // On Wayland a hidden window never paints (electron/electron#48859), so nothing may wait for that.
    this.#contents.once('shell-first-load', () => {
      if (this.visible) this.emit('ready-to-show')
    })
    theStage().windows.push(this)
    theStage().created(this.webContents)
  }

  loadURL(url: string): Promise<void> {
    return this.#contents.load(url)
  }
  show(): void {
    this.visible = true
    this.calls.push('show')
  }
  focus(): void {
    this.calls.push('focus')
  }
  isMinimized(): boolean {
    return false
  }
  /** Also shows it. */
  maximize(): void {
    this.#maximized = true
    this.visible = true
  }
  isMaximized(): boolean {
    return this.#maximized
  }
  getNormalBounds(): Bounds {
    return this.#bounds
  }
  setBounds(bounds: Bounds): void {
    this.#bounds = bounds
  }
  setBackgroundColor(color: string): void {
    this.calls.push(`setBackgroundColor ${color}`)
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  close(): void {
    this.emit('close', { preventDefault: () => {} })
    this.destroy()
  }
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.emit('closed')
  }
  /** For the shell only. */
  get contents(): WebContents {
    return this.#contents
  }
}

/** The class for the bundle: its instances are strict. */
export const StrictBrowserWindow = new Proxy(BrowserWindow, {
  construct: (_class, [options]: [WindowOptions]) => strict('BrowserWindow', new BrowserWindow(options)),
})
