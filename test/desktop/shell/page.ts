/** A page in Chromium as Electron would run it: app:// served by the bundle, the preload in an isolated world. */
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { BrowserContext, CDPSession, Page, Route } from 'playwright-core'
import type { Port } from './ports.ts'
import type { Session } from './session.ts'

/**
 * `app://` is not a scheme of Chromium, so a secure origin with an invalid host stands in for it; every request is
 * answered here.
 */
export const ORIGIN = 'https://reuseport-inspector.invalid'
const APP = 'app://reuseport-inspector'
const WORLD = 'electron-preload'
const BINDING = 'electronShell'

export const toApp = (url: string): string => url.replace(ORIGIN, APP)
export const toShell = (url: string): string => url.replace(APP, ORIGIN)

/** A frame as in `event.senderFrame`. */
export type Frame = { url: string; parent: Frame | null }

/** Messages from the preload's world to the shell. */
type Told =
  | { kind: 'send'; channel: string; args: unknown[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'close'; port: number }

/** Events: `message` (channel, args, frame), `navigate` (event), `open` (url), `crash`, `loaded`. */
export class ShellPage extends EventEmitter {
  readonly page: Page
  readonly #cdp: CDPSession
  readonly #session: Session
  readonly #ports = new Map<number, Port>()
  #nextPort = 1
  #world: number | null = null
  #frames = new Map<number, string>()
  #ownNavigation = false
  /** Navigations of the page that the bundle prevented. */
  readonly refused: string[] = []

  static async create(context: BrowserContext, session: Session, preload: string): Promise<ShellPage> {
    const page = await context.newPage()
    // How long it may take is for the test to say.
    page.setDefaultTimeout(0)
    const cdp = await context.newCDPSession(page)
    const shell = new ShellPage(page, cdp, session)
    await shell.#prepare(preload)
    return shell
  }

  private constructor(page: Page, cdp: CDPSession, session: Session) {
    super()
    this.page = page
    this.#cdp = cdp
    this.#session = session
  }

  async #prepare(preload: string): Promise<void> {
    this.#cdp.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name !== WORLD) return
      const frameId = String(context.auxData?.frameId)
      this.#frames.set(context.id, frameId)
      // The preload runs only in the main frame (nodeIntegrationInSubFrames is off).
      if (this.#isMain(frameId)) this.#world = context.id
    })
    this.#cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      this.#frames.delete(executionContextId)
      if (executionContextId !== this.#world) return
      this.#world = null
      for (const port of this.#ports.values()) port.close()
      this.#ports.clear()
    })
    this.#cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === BINDING) this.#told(JSON.parse(payload) as Told, executionContextId)
    })
    this.#cdp.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined) return
      this.#mainFrame = frame.id
      this.#url = frame.url
    })
    this.#cdp.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (this.#isMain(frameId)) this.#url = url
    })
    await this.#cdp.send('Runtime.enable')
    await this.#cdp.send('Page.enable')
    const { frameTree } = await this.#cdp.send('Page.getFrameTree')
    this.#mainFrame = frameTree.frame.id
    await this.#cdp.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD })
    await this.#cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `${WORLD_SOURCE}(${JSON.stringify(readFileSync(preload, 'utf8'))})`,
      worldName: WORLD,
    })
    await this.page.route('**/*', (route) => this.#answer(route))
    this.page.on('crash', () => this.emit('crash'))
    this.page.on('load', () => this.emit('loaded'))
    // Electron asks before there is a window; here it exists briefly, empty.
    this.#cdp.on('Page.windowOpen', ({ url }) => this.emit('open', toApp(url)))
    this.page.on('popup', (popup) => void popup.close())
  }

  #mainFrame = ''
  #url = 'about:blank'
  #isMain(frameId: string): boolean {
    return frameId === this.#mainFrame
  }

  /** Ordered with the preload's messages: Playwright's own page.url() comes through another pipe. */
  get url(): string {
    return toApp(this.#url)
  }

  async load(url: string): Promise<void> {
    this.#ownNavigation = true
    try {
      await this.page.goto(toShell(url), { waitUntil: 'domcontentloaded' })
    } finally {
      this.#ownNavigation = false
    }
  }

  async reload(): Promise<void> {
    this.#ownNavigation = true
    try {
      await this.page.reload({ waitUntil: 'domcontentloaded' })
    } finally {
      this.#ownNavigation = false
    }
  }

  /** Like executeJavaScript: in the page's own world; a result that cannot be cloned is an error. */
  async execute(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#cdp.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    if (result.type === 'function' || result.type === 'symbol') throw new Error('An object could not be cloned.')
    return result.value
  }

  /** Like webContents.postMessage: to the preload's ipcRenderer, with ports. */
  post(channel: string, message: unknown, ports: readonly Port[]): void {
    const ids = ports.map((port) => {
      const id = this.#nextPort++
      this.#ports.set(id, port)
      return id
    })
    this.#inWorld('receive', channel, message, ids)
    for (const [index, port] of ports.entries()) {
      const id = ids[index] ?? 0
      port.transfer({
        deliver: (data) => this.#inWorld('deliver', id, data),
        close: () => this.#inWorld('close', id),
      })
    }
  }

  #inWorld(method: string, ...args: unknown[]): void {
    if (this.#world === null) return
    const expression = `electronShellPeer.${method}(${args.map((arg) => JSON.stringify(arg) ?? 'undefined').join(',')})`
    // A page that is being unloaded receives no messages, as in Electron.
    this.#cdp.send('Runtime.evaluate', { expression, contextId: this.#world }).catch(() => {})
  }

  #told(told: Told, context: number): void {
    if (told.kind === 'port') this.#ports.get(told.port)?.sent(told.data)
    else if (told.kind === 'close') this.#ports.get(told.port)?.close()
    else this.emit('message', told.channel, told.args, this.#frameOf(context))
  }

  #frameOf(context: number): Frame {
    const isMain = this.#isMain(this.#frames.get(context) ?? '')
    const main: Frame = { url: this.url, parent: null }
    return isMain ? main : { url: 'about:blank', parent: main }
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request()
    const url = toApp(request.url())
    const isMainFrame = request.isNavigationRequest() && request.frame() === this.page.mainFrame()
    if (request.isNavigationRequest() && !(isMainFrame && this.#ownNavigation)) {
      let prevented = false
      this.emit('navigate', { url, isMainFrame, preventDefault: () => (prevented = true) })
      if (prevented) {
        this.refused.push(url)
        return route.abort('aborted')
      }
    }
    const response = await this.#session.load(url, request.method())
    if (response === null) return route.abort('blockedbyclient')
    return route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    })
  }
}

/**
 * Runs in the preload's world before the page's own code. `require('electron')` returns only what a sandboxed preload
 * has; ports of the shell become ports of the page here.
 */
const WORLD_SOURCE = `(function (preload) {
  if (window.top !== window) return
  const tell = (told) => globalThis.${BINDING}(JSON.stringify(told))
  const bridges = new Map()
  const listeners = new Map()
  globalThis.electronShellPeer = {
    receive(channel, message, ids) {
      const ports = ids.map((id) => {
        const { port1, port2 } = new MessageChannel()
        bridges.set(id, port1)
        port1.onmessage = (event) => tell({ kind: 'port', port: id, data: event.data })
        port1.addEventListener('close', () => tell({ kind: 'close', port: id }))
        return port2
      })
      for (const listener of listeners.get(channel) ?? []) listener({ ports }, message)
    },
    deliver: (id, data) => bridges.get(id)?.postMessage(data),
    close: (id) => { bridges.get(id)?.close(); bridges.delete(id) },
  }
  const ipcRenderer = {
    on(channel, listener) { listeners.set(channel, [...(listeners.get(channel) ?? []), listener]); return ipcRenderer },
    send(channel, ...args) { tell({ kind: 'send', channel, args }) },
  }
  const strict = (name, object) => new Proxy(object, {
    get(target, key) {
      if (key in target || typeof key === 'symbol' || key === '__esModule' || key === 'default') return target[key]
      tell({ kind: 'send', channel: 'electron-shell/unknown', args: [name + '.' + String(key)] })
      throw new Error('The desktop shell does not know ' + name + '.' + String(key))
    },
  })
  const electron = strict('electron (preload)', { ipcRenderer: strict('ipcRenderer', ipcRenderer) })
  const require = (name) => {
    if (name === 'electron') return electron
    throw new Error('module not found: ' + name)
  }
  const module = { exports: {} }
  new Function('exports', 'require', 'module', preload)(module.exports, require, module)
})`
