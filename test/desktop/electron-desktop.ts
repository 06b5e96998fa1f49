/** Starts the built application on real Electron, if its binary is installed and can run. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication } from 'playwright-core'
import { notBuilt } from './application.ts'
import type { Desktop } from './desktop.ts'

const FOLDER = resolve(import.meta.dirname, '../../node_modules/electron')

function binary(): string | null {
  try {
    const path = join(FOLDER, 'dist', readFileSync(join(FOLDER, 'path.txt'), 'utf8'))
    return existsSync(path) ? path : null
  } catch {
    return null
  }
}

/** Why real Electron cannot run here; null if it can. */
export function electronMissing(): string | null {
  if (binary() === null) return "Electron's binary is not here (node node_modules/electron/install.js fetches it)"
  if (process.getuid?.() === 0) return 'running Chromium as root is unsafe'
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display'
  return notBuilt()
}

type Watched = { external: string[]; refused: string[]; engines: number[] }

export class ElectronDesktop implements Desktop {
  readonly #application: ElectronApplication

  static async start({ home, main }: { home: string; main: string }): Promise<ElectronDesktop> {
    const { ELECTRON_RUN_AS_NODE: _, ...environment } = process.env
    const application = await _electron.launch({
      executablePath: binary() ?? '',
      args: [main],
      // Playwright would pass --no-sandbox.
      chromiumSandbox: true,
      env: { ...environment, HOME: home, XDG_CONFIG_HOME: join(home, '.config') } as Record<string, string>,
    })
    // launch() returns before the application has opened a window.
    const page = await application.firstWindow()
    await application.evaluate(({ shell, BrowserWindow }) => {
      const watched: Watched = { external: [], refused: [], engines: [] }
      Reflect.set(globalThis, 'watched', watched)
      shell.openExternal = async (url) => void watched.external.push(url)
      for (const { webContents } of BrowserWindow.getAllWindows()) {
        webContents.on('will-frame-navigate', (event) => {
          if (event.defaultPrevented) watched.refused.push(event.url)
        })
      }
    })
    await page.waitForLoadState()
    return new ElectronDesktop(application)
  }

  private constructor(application: ElectronApplication) {
    this.#application = application
  }

  // Through the main process: to Playwright, a page reloaded after a crash is a different page. A call into a document
  // that
  // is replaced is never answered, so that is an error.
  evaluate<T>(expression: string): Promise<T> {
    return this.#application.evaluate(({ BrowserWindow }, code) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      return new Promise((resolve, reject) => {
        const gone = (): void => reject(new Error('The page was replaced.'))
        contents?.once('did-navigate', gone)
        contents
          ?.executeJavaScript(code, true)
          .then(resolve, reject)
          .finally(() => contents.off('did-navigate', gone))
      })
    }, expression) as Promise<T>
  }
  /** Resolves when the page has loaded again: nothing answers before. */
  crash(): Promise<void> {
    return this.#application.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      return new Promise<void>((resolve) => {
        contents?.once('render-process-gone', () => contents.once('did-finish-load', () => resolve()))
        contents?.forcefullyCrashRenderer()
      })
    })
  }
  engines(): Promise<number[]> {
    return this.#application.evaluate(({ app }) =>
      app
        .getAppMetrics()
        .filter(({ name }) => name === 'Reuseport Inspector engine')
        .map(({ pid }) => pid),
    )
  }
  async external(): Promise<string[]> {
    return (await this.#watched()).external
  }
  async refusedNavigations(): Promise<string[]> {
    return (await this.#watched()).refused
  }
  #watched(): Promise<Watched> {
    return this.#application.evaluate(() => Reflect.get(globalThis, 'watched') as Watched)
  }
  windows(): Promise<number> {
    return this.#application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
  }
  async close(): Promise<number | null> {
    const child = this.#application.process()
    await this.#application.close()
    return child.exitCode
  }
  async end(): Promise<void> {
    await this.#application.close().catch(() => {})
  }
}
