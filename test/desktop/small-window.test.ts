/**
 * Every screen in a window as small as at 200 %: content that does not fit scrolls within its pane, and the frame
 * stays.
 */
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, serve } from '../../electron/fronts/server/server.ts'
import { readPage } from '../../electron/host/page.ts'
import { startTestEngine, type TestEngine } from '../integration/support/engine.ts'
import { type OpenPage, openPage, sharedBrowser } from './support/browser.ts'

const SCREENS = ['groups', 'findings', 'lab/new', 'lab/accept-models', 'snapshots', 'settings', 'permissions']

let browser: Browser
let engine: TestEngine
let server: Server
let open: OpenPage
let page: Page

beforeAll(async () => {
  browser = await sharedBrowser()
  engine = await startTestEngine({ intervalMs: 250 })
  server = await serve({ router: engine.router, page: readPage(resolve(import.meta.dirname, '../../dist/renderer')) })
  open = await openPage(browser, server.url, { width: 640, height: 400 })
  page = open.page
  await page.locator('#content').waitFor()
})
afterAll(async () => {
  await open.close()
  await server.close()
  await engine.close()
})

async function go(screen: string): Promise<void> {
  await page.evaluate((screen) => {
    window.location.hash = `#/${screen}`
  }, screen)
}

test.each(SCREENS)('%s', async (screen) => {
  // From a screen that is none of them, so that its headings are not those of the one before.
  const other = page.getByRole('heading', { name: 'Which port?' })
  await go('port')
  await other.waitFor()
  await go(screen)
  await other.waitFor({ state: 'detached' })
  await page.locator('#content :is(h1, h2)').first().waitFor({ state: 'attached' })
  // Move the focus through everything, since focusing scrolls.
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab')
    const frame = await page.evaluate(() => {
      const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.documentElement
      return { below: scrollHeight - clientHeight, beside: scrollWidth - clientWidth, scrolled: window.scrollY }
    })
    const focused = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120) ?? '')
    expect(frame, focused).toEqual({ below: 0, beside: 0, scrolled: 0 })
  }
  expect(open.complaints).toEqual([])
})
