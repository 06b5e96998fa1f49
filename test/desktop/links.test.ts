/** Addresses of views: the token, links in other tabs, back and forward, copying. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { EngineDouble } from '../doubles/engine.ts'
import { groupRow } from '../doubles/group-rows.ts'
import { exampleMachine } from '../doubles/machine.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { aTimeline, someStoredItems } from '../doubles/stored-snapshots.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { launchChromium, typeCommand } from './support/browser.ts'

let browser: Awaited<ReturnType<typeof launchChromium>>
let engine: EngineDouble
let server: PageServer
let context: BrowserContext
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())
afterEach(async () => {
  await context.close()
  server.close()
})

async function start(hash?: string): Promise<Page> {
  engine = exampleMachine()
  server = await servePage(engine)
  context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  return open(hash === undefined ? server.url : `${server.url}&${hash}`)
}

async function open(url: string): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(CONDITION_MS)
  await page.goto(url)
  return page
}

const rows = (page: Page) => page.getByRole('grid', { name: 'Groups' }).locator('[role="rowgroup"] [role="row"]')
const hash = (page: Page) => page.evaluate(() => window.location.hash)
const id = groupRow({ protocol: 'udp', port: 514 }).id

test('an address with the token and a route leads there, and the token is gone from it', async () => {
  const page = await start(`/group/${id}`)
  await page.getByRole('heading', { name: 'There is no such group' }).waitFor()
  await expect.poll(() => hash(page)).toBe(`#/group/${id}`)
})

test('a link opens in another tab of the same browser, which has no token of its own', async () => {
  const page = await start()
  await rows(page).first().waitFor()
  const other = await open(`${server.url.replace(/#.*/, '')}#/groups?filter=owner:envoy`)
  await expect.poll(() => rows(other).count()).toBe(2)
  await other.getByRole('button', { name: 'Remove owner:envoy' }).waitFor()
})

test('a new address that is pasted into the open tab is taken, also by the other tabs', async () => {
  const page = await start()
  const other = await open(`${server.url.replace(/#.*/, '')}#/findings`)
  await other.getByText('Nothing is wrong').waitFor()
  await rows(page).first().waitFor()
  server.close()
  await page.getByRole('alert').waitFor()
  server = await servePage(engine)
  await page.evaluate((url) => window.location.assign(url), server.url)
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await other.getByRole('alert').waitFor({ state: 'detached' })
  await expect.poll(async () => [await hash(page), await hash(other)]).toEqual(['#/groups', '#/findings'])
})

test('filter, order and screen are in the address: back and forward restore them', async () => {
  const page = await start()
  await rows(page).first().waitFor()
  await page.getByRole('combobox', { name: 'Filter' }).fill('owner:envoy ')
  await expect.poll(() => hash(page)).toBe('#/groups?filter=owner:envoy')
  await page.getByRole('columnheader', { name: 'Members' }).getByRole('button').click()
  await expect.poll(() => hash(page)).toBe('#/groups?filter=owner:envoy&sort=-members')
  await page.getByRole('link', { name: 'Findings' }).click()
  await expect.poll(() => hash(page)).toBe('#/findings?filter=owner:envoy')
  await page.goBack()
  await page.goBack()
  await expect.poll(() => hash(page)).toBe('#/groups?filter=owner:envoy')
  await page.goBack()
  await expect.poll(() => rows(page).count()).toBeGreaterThan(20)
  await page.goForward()
  await expect.poll(() => rows(page).count()).toBe(2)
})

test('a copied link says the whole view, even what is the default', async () => {
  const page = await start()
  await rows(page).first().waitFor()
  await typeCommand(page, 'copy link')
  await page.keyboard.press('Enter')
  await page.getByText('Copied the link.', { exact: false }).waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toBe(`${new URL(server.url).origin}/#/groups?filter=&sort=-state`)
})

test('after a reload the same snapshot is shown, at the same place of a recording', async () => {
  const page = await start()
  await rows(page).first().waitFor()
  const [, recording] = someStoredItems()
  if (recording === undefined) throw new Error('nothing is stored')
  engine.snapshots.items = [recording]
  engine.snapshots.timeline = aTimeline()
  const shown = `#/groups?in=${recording.id.replaceAll(' ', '%20')}&at=12`
  await page.evaluate((to) => window.location.assign(to), shown)
  await page.getByText('13 of 60').waitFor()
  await page.reload()
  await page.getByText('13 of 60').waitFor()
  await expect.poll(() => hash(page)).toBe(shown)
  await page.getByRole('button', { name: 'Back to live' }).click()
  await expect.poll(() => hash(page)).toBe('#/groups')
  await page.goBack()
  await page.getByText('Not live').first().waitFor()
})

test('a link to a snapshot that is not there says so, and shows the live groups', async () => {
  const page = await start('/groups?in=saved/gone.json.gz')
  await page.getByText('this engine has no such snapshot or recording', { exact: false }).waitFor()
  await rows(page).first().waitFor()
})

test('what one tab sets applies in the other, except filter and order', async () => {
  const page = await start()
  const other = await open(`${server.url.replace(/#.*/, '')}#/groups`)
  await rows(other).first().waitFor()
  await page.getByRole('combobox', { name: 'Filter' }).fill('owner:envoy ')
  await typeCommand(page, 'dark')
  await page.keyboard.press('Enter')
  await expect.poll(() => other.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  await expect.poll(() => rows(other).count()).toBeGreaterThan(20)
})
