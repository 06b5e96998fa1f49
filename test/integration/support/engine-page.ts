/** The page as the browser front serves it, in Chromium, with an engine in this process that reads real sockets. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { Settings } from '../../../electron/contract/settings.ts'
import { type Engine, startEngine } from '../../../electron/engine/engine.ts'
import { memorySettings } from '../../../electron/engine/settings/settings-store.ts'
import { serve } from '../../../electron/fronts/server/server.ts'
import { readPage } from '../../../electron/host/page.ts'
import { launchChromium } from '../../support/chromium.ts'
import { addonPath, root } from './engine.ts'

export type EnginePage = {
  readonly engine: Engine
  readonly page: Page
  /** Errors of the page; a correct page has none. */
  readonly wrong: string[]
  /** Clears its storage and reloads the page, until it shows a snapshot. */
  begin(): Promise<void>
  /** Saves a screenshot to the folder in RPI_SCREENSHOTS, for people. */
  screenshot(name: string): Promise<void>
  close(): Promise<void>
}

/** `snapshotFolder`: where the engine stores snapshots and recordings. */
export async function startEnginePage(snapshotFolder: string, settings: Partial<Settings> = {}): Promise<EnginePage> {
  const engine = startEngine({ addonPath, settings: memorySettings(Settings.parse(settings)), snapshotFolder })
  const server = await serve({ router: engine.router, page: readPage(join(root, 'dist/renderer')) })
  const browser = await launchChromium()
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const wrong: string[] = []
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
  page.on('pageerror', (error) => wrong.push(error.message))
  return {
    engine,
    page,
    wrong,
    begin: async () => {
      for (const { id } of await engine.client.snapshots.list()) await engine.client.snapshots.delete({ id })
      await page.goto('about:blank')
      await page.goto(server.url)
      await page.getByText(/Refreshed in/).waitFor()
    },
    screenshot: async (name) => {
      const where = process.env.RPI_SCREENSHOTS
      if (where !== undefined) await page.screenshot({ path: join(where, `${name}.png`) })
    },
    close: async () => {
      await browser.close()
      await server.close()
      await engine.close()
    },
  }
}
