/** "Show what root sees" on the page, with a real sudo that asks for a password. */
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { needsRoot } from '../integration/support/conditions.ts'
import { type OrdinaryUser, PASSWORD, startOrdinaryUser } from '../integration/support/ordinary-user.ts'
import { needsProgram } from '../integration/support/program.ts'
import { type SocketMaker, startSocketMaker } from '../integration/support/socket-maker.ts'
import { CHROMIUM_ARGUMENTS, chromiumMissing, chromiumPath } from '../support/chromium.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { violations } from './support/browser.ts'

let user: OrdinaryUser
let maker: SocketMaker
let port: number
let browser: Browser
let page: Page

beforeEach((context) => {
  needsRoot(context)
  needsProgram(context, 'sudo')
  context.skip(chromiumMissing() !== null, chromiumMissing() ?? '')
})

beforeAll(async () => {
  if (process.getuid?.() !== 0 || chromiumMissing() !== null) return
  maker = await startSocketMaker({ command: 'maker' })
  const [first] = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  port = first?.port ?? 0
  user = await startOrdinaryUser('ALL=(ALL) ALL')
  browser = await chromium.launch({ executablePath: chromiumPath, args: CHROMIUM_ARGUMENTS })
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(CONDITION_MS)
})
afterAll(async () => {
  await browser?.close()
  await user?.[Symbol.asyncDispose]()
  await maker?.[Symbol.asyncDispose]()
})

const shot = async (name: string) => {
  const folder = process.env.SCREENSHOTS
  if (folder === undefined) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
  }
}

test('the password is asked once; then owners are known, there is no lab, and disconnecting ends it', async () => {
  const row = page.getByRole('row').filter({ hasText: `:${port}` })
  await page.goto(user.url.href)
  await row.waitFor()
  expect(await row.getByText('maker').count()).toBe(0)
  await page.getByRole('button', { name: 'Machine' }).click()
  await page.getByRole('menuitemradio', { name: 'Show what root sees' }).waitFor()
  await shot('menu')
  await page.keyboard.press('Escape')
  await page.evaluate(() => {
    window.location.hash = '#/permissions'
  })
  const button = page.getByRole('button', { name: 'Show what root sees' })
  await button.waitFor()
  await shot('permissions')
  expect(await violations(page)).toEqual([])
  await button.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('[sudo] password for rpi-alice').waitFor()
  await shot('password')
  expect(await violations(page)).toEqual([])
  // The field gets the focus after it appears.
  await dialog.locator('input:focus').waitFor()
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByText('The engine runs as root').waitFor()
  await dialog.waitFor({ state: 'hidden' })
  await button.waitFor({ state: 'detached' })
  await shot('root-permissions')
  await page.evaluate(() => {
    window.location.hash = '#/'
  })
  await row.getByText('maker').waitFor()
  await shot('root-groups')
  await page.evaluate(() => {
    window.location.hash = '#/lab'
  })
  await page.getByText("an engine with root's permissions only reads").waitFor()
  await shot('root-lab')
  await page.evaluate(() => {
    window.location.hash = '#/hosts'
  })
  await page.getByRole('button', { name: 'Disconnect this machine as root' }).waitFor()
  await shot('root-hosts')
  await page.getByRole('button', { name: 'Disconnect this machine as root' }).click()
  await button.waitFor()
  await page.evaluate(() => {
    window.location.hash = '#/hosts'
  })
  await button.waitFor()
  await shot('hosts')
  // The page shows the end of a connection before its engine has ended.
  await vi.waitFor(() => expect(user.engines()).toEqual([]), CONDITION_MS)
})
