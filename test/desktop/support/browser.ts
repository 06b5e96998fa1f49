/** Opens the page in Debian's Chromium, with helpers for tests. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { CONDITION_MS } from '../../support/timeouts.ts'

export { launchChromium } from '../../support/chromium.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export type PageOptions = {
  width?: number
  height?: number
  theme?: 'light' | 'dark'
  motion?: 'reduce' | 'no-preference'
}

export type OpenPage = { page: Page; complaints: string[]; close(): Promise<void> }

/** Opens `url` in its own context. `complaints` are the page's errors, of which there should be none. */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<OpenPage> {
  const { width = 1280, height = 800, theme = 'light', motion = 'reduce' } = options
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: motion,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(CONDITION_MS)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION_REFUSED/.test(message.text()))
      complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints, close: () => context.close() }
}

/**
 * Records from now on whether `selector` ever appears, even between two polls. Returns a function that reads the
 * result.
 */
export async function noteWhetherShown(page: Page, selector: string): Promise<() => Promise<boolean>> {
  const notes = await page.evaluateHandle((selector) => {
    const notes = { shown: false }
    const look = () => {
      notes.shown ||= document.querySelector(selector) !== null
    }
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })
    look()
    return notes
  }, selector)
  return () => notes.evaluate(({ shown }) => shown)
}

/** The violations that axe finds in `selector`, as text: of all its rules, or of those with these names. */
export async function violations(page: Page, selector = 'html', rules?: readonly string[]): Promise<string[]> {
  // Not with a script element, which the page's own policy would block.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  const options = { resultTypes: ['violations'], ...(rules === undefined ? {} : { runOnly: rules }) }
  return page.evaluate(
    async ([selector, options]) => {
      const { axe } = window as unknown as {
        axe: {
          run(
            selector: string,
            options: object,
          ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
        }
      }
      const found = await axe.run(selector, options)
      return found.violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map(({ html, failureSummary }) => `${html} ${failureSummary}`)
            .join('; ')}`,
      )
    },
    [selector, options] as const,
  )
}
