/** Opens the page in Debian's Chromium, with helpers for tests. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../../support/chromium.ts'
import { CONDITION_MS } from '../../support/timeouts.ts'

export { launchChromium }

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export type PageOptions = {
  width?: number
  height?: number
  theme?: 'light' | 'dark'
  motion?: 'reduce' | 'no-preference'
}

export type OpenPage = { page: Page; complaints: string[]; close(): Promise<void> }

let shared: Promise<Browser> | null = null

/** The browser of all test files in this process that open pages in it with `openPage`. It ends with the process. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= launchChromium()
  return shared
}

/** Pages that were closed, empty again. A new one, which compiles everything anew, would be a third of a test. */
const empty = new WeakMap<Browser, Page[]>()

/**
 * Opens `url` in a context that no other open page has. `complaints` are the page's errors, of which there should be
 * none. `close` forgets what the page stored and the permissions it got, and keeps the context for the next.
 */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<OpenPage> {
  const { width = 1280, height = 800, theme = 'light', motion = 'reduce' } = options
  const page = empty.get(browser)?.pop() ?? (await (await browser.newContext()).newPage())
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: theme, reducedMotion: motion, forcedColors: null })
  page.setDefaultTimeout(CONDITION_MS)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION_REFUSED/.test(message.text()))
      complaints.push(message.text())
  })
  await page.goto(url)
  return {
    page,
    complaints,
    close: async () => {
      page.removeAllListeners()
      await page.evaluate(() => {
        window.localStorage.clear()
        window.sessionStorage.clear()
      })
      await page.goto('about:blank')
      await page.context().clearPermissions()
      empty.set(browser, [...(empty.get(browser) ?? []), page])
    },
  }
}

/** Opens the palette, and types into it. */
export async function typeCommand(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k')
  // The field gets the focus after it appears.
  await page.getByRole('dialog', { name: 'Commands' }).locator('input:focus').waitFor()
  await page.keyboard.type(words)
}

/** Presses a button that may be gone: the page also does by itself, from time to time, what it offers. */
export function pressUnlessGone(page: Page, name: string): Promise<void> {
  // In one call, between whose steps nothing changes. A disabled button ignores it.
  return page.getByRole('button', { name }).evaluateAll(([button]) => {
    if (button instanceof HTMLElement) button.click()
  })
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

/** The rules of axe that look at colors. They take longer than all others. */
const OF_COLORS = ['color-contrast', 'link-in-text-block']
/** Looks for style attributes with `!important`, which React cannot set, in a fifth of the time of the others. */
const NEEDLESS = ['avoid-inline-spacing']

/** A page with axe, and the looks of text whose contrast it has judged. */
type Judging = {
  axe: {
    run(
      context: object | string,
      options: object,
    ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string; element?: Element }[] }[] }>
  }
  judged?: Set<string>
}

/** The violations that axe finds in `selector`, as text. */
export async function violations(page: Page, selector = 'html'): Promise<string[]> {
  await addAxe(page)
  const found = await page.evaluate(
    async ([selector, without]) => {
      const { axe } = window as unknown as Judging
      const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]))
      const { violations } = await axe.run(selector, { resultTypes: ['violations'], elementRef: true, rules })
      // Drawings are judged as a whole. To exclude their parts would take axe longer than to judge them.
      const isPart = (element?: Element) => element?.parentElement?.closest('svg') != null
      return violations.flatMap(({ id, nodes }) => {
        const whole = nodes.filter(({ element }) => !isPart(element))
        const told = whole.map(({ html, failureSummary }) => ({ html, failureSummary }))
        return told.length > 0 ? [{ id, nodes: told }] : []
      })
    },
    [selector, [...OF_COLORS, ...NEEDLESS]] as const,
  )
  return [...found.map(worded), ...(await contrastViolations(page, selector))]
}

/**
 * Of these, texts with too little contrast, in the theme that is shown. What looks the same, like the cells of a column, is
 * judged once in a document.
 */
export async function contrastViolations(page: Page, selector = 'html'): Promise<string[]> {
  await addAxe(page)
  const found = await page.evaluate(
    async ([selector, ofColors]) => {
      const judging = window as unknown as Judging
      judging.judged ??= new Set()
      const backgrounds = new Map<Element | null, string>([[null, '']])
      /** What is behind it: tags, classes and backgrounds up to the root. */
      const behind = (element: Element | null): string => {
        const known = backgrounds.get(element)
        if (known !== undefined || element === null) return known ?? ''
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element)
        const own = [element.tagName, element.className, backgroundColor, backgroundImage, opacity]
        const all = `${behind(element.parentElement)} ${own.join()}`
        backgrounds.set(element, all)
        return all
      }
      const unlike = [...document.querySelectorAll(`${selector}, ${selector} *`)].filter((element) => {
        const hasText = [...element.childNodes].some(
          (node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim(),
        )
        if (!hasText && !element.matches('input, textarea, select')) return false
        const { color, fontSize, fontWeight } = getComputedStyle(element)
        const look = [behind(element), color, fontSize, fontWeight].join(' ')
        return judging.judged?.has(look) === false && judging.judged.add(look)
      })
      if (unlike.length === 0) return []
      return (await judging.axe.run({ include: unlike }, { resultTypes: ['violations'], runOnly: ofColors })).violations
    },
    [selector, OF_COLORS] as const,
  )
  return found.map(worded)
}

async function addAxe(page: Page): Promise<void> {
  // Not with a script element, which the page's own policy would block.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
}

function worded({ id, nodes }: { id: string; nodes: { html: string; failureSummary: string }[] }): string {
  const places = nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`)
  return `${id}: ${places.join('; ')}`
}
