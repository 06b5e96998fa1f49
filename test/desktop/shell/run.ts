/** The process in place of Electron's: Chromium, the `electron` module, and the unmodified built main bundle. */
import Module, { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { app, electron, ipcMain, nativeTheme, seen, sessions } from './electron.ts'
import { ORIGIN } from './page.ts'
import { UNKNOWN_CALLS, unknownCalls } from './strict.ts'
import { running } from './utility-process.ts'
import { type BrowserWindow, setStage, type WebContents } from './window.ts'

/** Requests of a test to this process; see desktop.ts. */
export type Ask = { id: number; operation: keyof typeof operations; args: unknown[] }
export type Answer = { id: number; result?: unknown; error?: string }

const windows: BrowserWindow[] = []

function firstWindow(): BrowserWindow {
  const [window] = windows
  if (window === undefined) throw new Error('There is no window.')
  return window
}

/** Emits the event that ipcMain gives its listeners. */
function emitIpc(sender: WebContents, channel: string, args: unknown[], senderFrame: object | null): void {
  if (channel === 'electron-shell/unknown') unknownCalls.push(String(args[0]))
  else ipcMain.emit(channel, { sender, senderFrame }, ...args)
}

const operations = {
  async evaluate(expression: string): Promise<unknown> {
    return (await firstWindow().contents.loaded()).execute(expression)
  },
  async crash(): Promise<void> {
    const { page } = await firstWindow().contents.page()
    const cdp = await page.context().newCDPSession(page)
    cdp.send('Page.crash').catch(() => {})
  },
  /** The page's frame is gone, and there is no new one yet. */
  async loseFrame(): Promise<void> {
    firstWindow().contents.gone = true
  },
  /** A V8 fatal error of an engine's process, as when out of memory. */
  async fatalError(): Promise<void> {
    for (const engine of running) engine.emit('error', 'FatalError', 'v8::internal::Heap', '{}')
  },
  async reload(): Promise<void> {
    firstWindow().contents.reload()
  },
  async load(url: string, method: string): Promise<unknown> {
    const [session] = sessions.values()
    const response = await session?.load(url, method)
    return (
      response && {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      }
    )
  },
  async permission(name: string, url: string, isMainFrame: boolean): Promise<unknown> {
    const [session] = sessions.values()
    return session?.permission(name, url, isMainFrame)
  },
  async download(url: string): Promise<unknown> {
    const [session] = sessions.values()
    return session?.download(url)
  },
  async openWindow(url: string): Promise<string[]> {
    firstWindow().contents.open(url)
    return firstWindow().contents.opened
  },
  async opened(): Promise<string[]> {
    return firstWindow().contents.opened
  },
  async attachWebview(): Promise<boolean> {
    let prevented = false
    firstWindow().contents.emit('will-attach-webview', { preventDefault: () => (prevented = true) })
    return !prevented
  },
  /** An IPC message from a forged sender; true when it was answered. */
  async forge(
    channel: string,
    from: { ours: boolean; frame: { url: string; inFrame: boolean } | null },
    message?: unknown,
  ): Promise<boolean> {
    let answered = false
    const contents = firstWindow().contents
    const original = contents.postMessage
    const stranger = { postMessage: () => (answered = true) } as unknown as WebContents
    contents.postMessage = () => {
      answered = true
    }
    const frame = from.frame && { url: from.frame.url, parent: from.frame.inFrame ? {} : null }
    emitIpc(from.ours ? contents.known : stranger, channel, [message], frame)
    contents.postMessage = original
    return answered
  },
  async clickMenu(label: string): Promise<void> {
    for (const { submenu } of seen.menu) for (const item of submenu ?? []) if (item.label === label) item.click?.()
  },
  async secondInstance(): Promise<void> {
    app.emit('second-instance')
  },
  async setBounds(bounds: { x: number; y: number; width: number; height: number }): Promise<void> {
    firstWindow().setBounds(bounds)
  },
  async close(): Promise<void> {
    firstWindow().close()
  },
  async exit(): Promise<void> {
    app.exit(1)
  },
  /** Stops its clock: what happens within a minute there does so on a slow machine too. */
  async stopTime(): Promise<void> {
    const now = Date.now()
    Date.now = () => now
  },
  async answerDialogs(...answers: number[]): Promise<void> {
    seen.answers.push(...answers)
  },
  async state(): Promise<unknown> {
    const [window] = windows
    const page = await window?.contents.page()
    return {
      refused: page?.refused ?? [],
      unknownCalls,
      seen,
      theme: nativeTheme.themeSource,
      engines: [...running].map(({ pid }) => pid),
      origin: ORIGIN,
      window: window && {
        options: { ...window.options, webPreferences: { ...window.options.webPreferences, session: null } },
        visible: window.visible,
        destroyed: window.isDestroyed(),
        maximized: window.isMaximized(),
        calls: window.calls,
      },
    }
  },
}

async function main(endpoint: string, mainBundle: string): Promise<void> {
  // The test has exited. Chromium closes the pages of this process then.
  process.on('disconnect', () => process.exit(1))
  const browser = await chromium.connect(endpoint)
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  app.on('shell-exit', async (code: number) => {
    await browser.close().catch(() => {})
    if (unknownCalls.length > 0) process.stderr.write(`The shell does not know ${unknownCalls.join(', ')}.\n`)
    process.exit(unknownCalls.length > 0 ? UNKNOWN_CALLS : code)
  })
  setStage({
    context,
    windows,
    created: (contents) => {
      app.emit('web-contents-created', {}, contents)
      windows.at(-1)?.on('closed', () => app.emit('window-all-closed'))
    },
    message: (contents, channel, args, frame) => emitIpc(contents.known, channel, args, frame),
  })

  const load: unknown = Reflect.get(Module, '_load')
  Reflect.set(Module, '_load', (request: string, ...rest: unknown[]) =>
    request === 'electron' ? electron : (load as (...args: unknown[]) => unknown)(request, ...rest),
  )
  process.on('message', async ({ id, operation, args }: Ask) => {
    const answer: Answer = { id }
    try {
      answer.result = await (operations[operation] as (...given: unknown[]) => Promise<unknown>)(...args)
    } catch (error) {
      answer.error = error instanceof Error ? error.message : String(error)
    }
    process.send?.(answer)
  })
  createRequire(mainBundle)(mainBundle)
  app.becomeReady()
  process.send?.({ id: 0 } satisfies Answer)
}

const [, , endpoint = '', mainBundle = '', resourcesPath = ''] = process.argv
app.isPackaged = resourcesPath !== ''
Object.defineProperty(process, 'resourcesPath', { value: resourcesPath })
main(endpoint, mainBundle).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(70)
})
