/** What can be done with the groups table: sections, pins, saved filters, columns, the menu of a row, copying. */
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { EngineDouble } from '../doubles/engine.ts'
import { aFinding } from '../doubles/findings.ts'
import { exampleMachine } from '../doubles/machine.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { type OpenPage, openPage, sharedBrowser, violations } from './support/browser.ts'

let browser: Browser
let engine: EngineDouble
let server: PageServer
let open: OpenPage
let page: Page
beforeAll(async () => {
  browser = await sharedBrowser()
})
afterEach(async () => {
  await open.close()
  server.close()
  expect(open.complaints).toEqual([])
})

async function start() {
  engine = exampleMachine()
  server = await servePage(engine)
  open = await openPage(browser, server.url)
  page = open.page
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await row('0.0.0.0:443').first().waitFor()
}

const rows = () => page.getByRole('grid', { name: 'Groups' }).locator('[role="rowgroup"] [role="row"]')
const row = (text: string) => rows().filter({ hasText: text })
const firstRows = async (count: number) =>
  (await rows().allInnerTexts()).slice(0, count).map((text) => text.split('\n')[0])
const copied = () => page.evaluate(() => navigator.clipboard.readText())

test('a selected endpoint is copied as one line', async () => {
  await start()
  const endpoint = row('3001').getByRole('link')
  const text = await endpoint.evaluate((link) => {
    window.getSelection()?.selectAllChildren(link)
    return window.getSelection()?.toString()
  })
  expect(text).toBe('0.0.0.0:3001')
})

test('rows by process, the worst process first; a heading is passed by the keyboard', async () => {
  await start()
  await page.getByRole('radio', { name: 'process' }).locator('xpath=ancestor::label').click()
  await expect.poll(() => firstRows(1)).toEqual(['nginx'])
  await expect.poll(() => engine.settings.groupBy).toBe('process')
  await page.getByRole('grid', { name: 'Groups' }).focus()
  await page.keyboard.press('Home')
  await expect.poll(() => page.locator('[aria-selected="true"]').innerText()).toContain('443')
  expect(await violations(page)).toEqual([])
})

test('the menu of a row copies and pins; a pinned row stays on top', async () => {
  await start()
  await row('3478').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy endpoint' }).click()
  await expect.poll(copied).toBe('0.0.0.0:3478')
  await page.getByRole('grid', { name: 'Groups' }).focus()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menuitem', { name: 'Copy ss line' }).click()
  await expect.poll(copied).toBe("ss -ulnpe4 'sport = :3478'")
  await row('3478').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Pin to the top' }).click()
  await expect.poll(() => firstRows(1)).toEqual(['Pinned'])
  await expect.poll(() => rows().nth(1).innerText()).toContain('3478')
})

test('the menu of a row mutes the findings of its group, and brings them back', async () => {
  await start()
  const group = engine.rows().find(({ port }) => port === 3478)
  if (group === undefined) throw new Error('the machine has no such group')
  engine.find(aFinding({}, group), aFinding({ code: 'udp-not-read' }, group))
  const choose = async (name: string) => {
    await row('3478').click({ button: 'right' })
    await page.getByRole('menuitem', { name }).click()
  }
  await row('3478').getByRole('img', { name: 'warning' }).waitFor()
  await choose('Mute 2 findings for 1 day')
  await expect.poll(() => Object.keys(engine.settings.mutedUntil).length).toBe(2)
  expect(engine.settings.mutedFindings).toEqual([`port-hijackable:${group.id}`, `udp-not-read:${group.id}`])
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => engine.settings.mutedFindings).toEqual([])
  await choose('Mute 2 findings forever')
  await expect.poll(() => engine.settings.mutedFindings.length).toBe(2)
  expect(engine.settings.mutedUntil).toEqual({})
  await choose('Unmute 2 findings')
  await expect.poll(() => engine.settings.mutedFindings).toEqual([])
})

test('a filter is saved under a name, applied, and removed', async () => {
  await start()
  await page.getByRole('combobox', { name: 'Filter' }).fill('owner:envoy ')
  await page.getByRole('button', { name: 'Save filter' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('proxies')
  await page.keyboard.press('Enter')
  const saved = page.getByRole('button', { name: 'proxies', exact: true })
  await expect.poll(() => saved.getAttribute('aria-pressed')).toBe('true')
  await saved.click()
  await expect.poll(() => rows().count()).toBeGreaterThan(20)
  await saved.click()
  await expect.poll(() => rows().count()).toBe(2)
  await page.getByRole('button', { name: 'Remove the saved filter proxies' }).click()
  await saved.waitFor({ state: 'detached' })
  await expect.poll(() => engine.settings.savedFilters).toEqual([])
})

test('columns are hidden and moved at the table', async () => {
  await start()
  const left = async (name: RegExp) => (await page.getByRole('columnheader', { name }).boundingBox())?.x ?? 0
  expect(await left(/Drops/)).toBeGreaterThan(await left(/Queue/))
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('button', { name: 'Move Drops/s to the left' }).click()
  await expect.poll(async () => (await left(/Drops/)) < (await left(/Queue/))).toBe(true)
  await page.getByText('Sharing', { exact: true }).last().click()
  await page.getByRole('columnheader', { name: /Sharing/ }).waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Reset columns' }).click()
  await page.getByRole('columnheader', { name: /Sharing/ }).waitFor()
})

test('letters lead to screens, and Escape goes up', async () => {
  await start()
  // The second letter has to follow soon, which no test can promise that waits for the first.
  const pressBoth = (first: string, second: string) =>
    Promise.all([page.keyboard.press(first), page.keyboard.press(second)])
  await pressBoth('g', 's')
  await page.getByText('No snapshots yet').waitFor()
  await pressBoth('g', 'g')
  await row('0.0.0.0:443').first().waitFor()
  await page.evaluate((id) => window.location.assign(`#/group/${id}`), engine.rows()[0]?.id)
  await page.getByText('There is no such group').waitFor()
  await page.keyboard.press('Escape')
  await row('0.0.0.0:443').first().waitFor()
})

test('Ctrl+S on another screen saves there, with a notice', async () => {
  await start()
  await page.keyboard.press('Control+s')
  // The double saves nothing.
  await page.getByRole('status', { name: 'Notice' }).getByText('Could not save a snapshot').waitFor()
  await expect.poll(() => page.url()).toContain('#/groups')
})

test('with forced colors, bars keep their colors and the selected row has an outline', async () => {
  await start()
  await page.emulateMedia({ forcedColors: 'active' })
  const full = page.locator('[data-band="full"]').first()
  const color = await full.evaluate((bar) => getComputedStyle(bar, '::after').backgroundColor)
  const empty = await page
    .locator('[data-band="1"]')
    .first()
    .evaluate((bar) => getComputedStyle(bar, '::after').backgroundColor)
  expect(color).not.toBe(empty)
  await page.getByRole('grid', { name: 'Groups' }).focus()
  await page.keyboard.press('Home')
  const selected = page.locator('[role="row"][aria-selected="true"]')
  await expect.poll(() => selected.evaluate((row) => getComputedStyle(row).outlineStyle)).toBe('solid')
})
