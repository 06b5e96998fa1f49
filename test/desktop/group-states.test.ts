/** One group on screen when the engine fails, is slow, or is gone: what is shown, what stays, and what to do next. */
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { GroupEngine, memberRow } from '../doubles/group-engine.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { type OpenPage, openPage, sharedBrowser, violations } from './support/browser.ts'

let browser: Browser
let engine: GroupEngine
let server: PageServer
let page: Page
let opened: OpenPage
beforeAll(async () => {
  browser = await sharedBrowser()
})
afterEach(async () => {
  await opened.close()
  server.close()
  expect(opened.complaints).toEqual([])
})

const members = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    memberRow(String(i + 1), { queue: { length: i, limit: 511, unit: 'connections' } }),
  )
const lanes = () => page.getByRole('table', { name: 'Members' }).locator('tbody tr')
const screen = () => page.locator('#content')

/** Opens the page; with a group's id, on that group. */
async function start(given: GroupEngine, id = given.id): Promise<void> {
  engine = given
  server = await servePage(engine)
  opened = await openPage(browser, server.url)
  page = opened.page
  await page.locator('#content').waitFor()
  await page.evaluate((id) => {
    window.location.hash = `#/group/${id}`
  }, id)
}

test('an error before anything is known is shown, with a way to try again', async () => {
  const refusing = new GroupEngine(members(4))
  refusing.failing = 'the kernel refused (EPERM)'
  await start(refusing)
  await page.getByText('The members could not be read').waitFor()
  await expect.poll(() => screen().innerText()).toContain('the kernel refused (EPERM)')
  expect(await violations(page)).toEqual([])
  engine.failing = null
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => lanes().count()).toBe(4)
})

test('a later error keeps the last state, with the error above it', async () => {
  await start(new GroupEngine(members(4)))
  await expect.poll(() => lanes().count()).toBe(4)
  engine.failing = 'the kernel refused (ENOBUFS)'
  engine.refresh()
  await page.getByText('the kernel refused (ENOBUFS)').waitFor()
  await expect.poll(() => lanes().count()).toBe(4)
  expect(await violations(page)).toEqual([])
  engine.failing = null
  engine.refresh({ joined: [memberRow('9')] })
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => lanes().count()).toBe(5)
  await expect.poll(() => page.getByText('the kernel refused (ENOBUFS)').count()).toBe(0)
})

test('the heads of the lanes sort them, also while numbers move; the order is in the address', async () => {
  await start(new GroupEngine(members(4)))
  const order = () => lanes().evaluateAll((rows) => rows.map((row) => row.getAttribute('data-member')).join(' '))
  const head = (name: string) => page.getByRole('columnheader', { name }).getByRole('button')
  await expect.poll(order).toBe('1 2 3 4')
  await head('Queue').click()
  await expect.poll(order).toBe('4 3 2 1')
  await page.getByRole('button', { name: 'Member 2' }).focus()
  engine.member('2').queue.length = 400
  engine.refresh({ moved: ['2'] })
  await expect.poll(order).toBe('2 4 3 1')
  // The focus moves with its lane.
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Member 2')
  await expect.poll(() => page.url()).toContain('lanes=-queue')
  await head('Queue').press('Enter')
  await expect.poll(order).toBe('1 3 4 2')
  await page.reload()
  await expect.poll(order).toBe('1 3 4 2')
  await page.goBack()
  await expect.poll(order).toBe('2 4 3 1')
  expect(await violations(page)).toEqual([])
})

test('a slow answer shows that it is loading, then the group', async () => {
  const late = new GroupEngine(members(4))
  await start(late, '00000000000000bb')
  await page.getByText('There is no such group').waitFor()
  late.hold(true)
  await page.evaluate((id) => {
    window.location.hash = `#/group/${id}`
  }, late.id)
  await page.getByText('Reading the members of this group.').waitFor()
  await expect.poll(() => page.getByRole('progressbar', { name: 'Reading the members' }).count()).toBe(1)
  expect(await violations(page)).toEqual([])
  late.hold(false)
  await expect.poll(() => lanes().count()).toBe(4)
})

test('a lost engine leaves the last state, marked as stale; one that comes back continues', async () => {
  await start(new GroupEngine(members(4)))
  await expect.poll(() => lanes().count()).toBe(4)
  server.refuse()
  server.cut()
  await page.locator('[data-stale]').waitFor()
  await expect.poll(() => lanes().count()).toBe(4)
  // The frame reports it; that the request for this group also failed is not reported again.
  await expect.poll(() => page.getByText('Request failed').count()).toBe(0)
  expect(await violations(page)).toEqual([])
  server.allow()
  engine.refresh({ joined: [memberRow('9')] })
  await expect.poll(() => lanes().count()).toBe(5)
  await expect.poll(() => page.locator('[data-stale]').count()).toBe(0)
})

test('a group that ends stays as last seen', async () => {
  await start(new GroupEngine(members(2)))
  await expect.poll(() => lanes().count()).toBe(2)
  engine.end()
  await page.getByText('This group has ended.').waitFor()
  await expect.poll(() => lanes().count()).toBe(2)
  expect(await violations(page)).toEqual([])
})
