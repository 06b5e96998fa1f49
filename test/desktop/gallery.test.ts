/**
 * Every screen and widget in every state of the gallery: it is reached, and axe finds nothing in either theme. With
 * SCREENSHOTS=1 they are left in dist/gallery-screenshots/, for eyes; nothing compares them.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { entries } from '../gallery/entries/index.ts'
import { contrastViolations, type OpenPage, openPage, sharedBrowser, violations } from './support/browser.ts'

const ROOT = resolve(import.meta.dirname, '../gallery')
const SCREENSHOTS = resolve(import.meta.dirname, '../../dist/gallery-screenshots')
const THEMES = ['light', 'dark'] as const

let browser: Browser
let server: PreviewServer
let origin: string
let open: OpenPage
beforeAll(async () => {
  if (process.env.SCREENSHOTS) {
    rmSync(SCREENSHOTS, { recursive: true, force: true })
    mkdirSync(SCREENSHOTS, { recursive: true })
  }
  const options = { configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error' } as const
  await build(options)
  server = await preview({ ...options, preview: { host: '127.0.0.1', port: 0 } })
  origin = server.resolvedUrls?.local[0] ?? ''
  browser = await sharedBrowser()
  open = await openPage(browser, origin)
})
afterAll(async () => {
  await open?.close()
  await server?.close()
})
beforeEach(() => {
  open.complaints.length = 0
})

/** Texts of the page with characters that are invisible, other than what isolates a name from the text around it. */
function unseen(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
    const found: string[] = []
    const look = (where: string, text: string | null) => {
      if (text !== null && hidden.test(text.replace(/[\n\t\u2068\u2069]/g, '')))
        found.push(`${where}: ${JSON.stringify(text)}`)
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) look(texts.currentNode.parentElement?.className ?? '', texts.currentNode.textContent)
    for (const element of document.querySelectorAll('*'))
      for (const name of ['title', 'aria-label', 'aria-valuetext', 'placeholder', 'href'])
        look(name, element.getAttribute(name))
    return found
  })
}

test.each(entries)('$name', async ({ name, shows }) => {
  const { page, complaints } = open
  await page.evaluate(
    (search) => {
      window.history.pushState(null, '', search)
      window.dispatchEvent(new PopStateEvent('popstate'))
    },
    `?${new URLSearchParams({ entry: name })}`,
  )
  await page.getByText(shows).first().waitFor()
  const found: Record<string, string[]> = {}
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme })
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: join(SCREENSHOTS, `${`${name} ${theme}`.replace(/[^a-z]+/g, '-')}.png`) })
    // The themes differ only in color.
    found[theme] = theme === 'light' ? await violations(page) : await contrastViolations(page)
  }
  expect({ found, complaints, unseen: await unseen(page) }).toEqual({
    found: { light: [], dark: [] },
    complaints: [],
    unseen: [],
  })
})

test('the list leads to each entry in each theme', async () => {
  const { page, complaints } = open
  await page.goto(origin)
  await expect.poll(() => page.getByRole('link').count()).toBe(THEMES.length * entries.length)
  expect(await violations(page)).toEqual([])
  await page.getByRole('link', { name: 'groups/empty, dark' }).click()
  await page.getByRole('heading', { name: 'No shared ports' }).waitFor()
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
  expect(complaints).toEqual([])
})
