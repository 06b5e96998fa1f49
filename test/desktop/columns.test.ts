/** The columns of the groups table in Chromium: imbalance, and widths that are set and remembered. */
import type { Browser, Locator, Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { GroupRow } from '../../electron/contract/live.ts'
import { EngineDouble } from '../doubles/engine.ts'
import { groupRow } from '../doubles/group-rows.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { type OpenPage, openPage, sharedBrowser, violations } from './support/browser.ts'

let browser: Browser
let engine: EngineDouble
let server: PageServer
let page: Page
let opened: OpenPage
beforeAll(async () => {
  browser = await sharedBrowser()
})
beforeEach(async () => {
  engine = new EngineDouble()
  engine.put(
    groupRow({ port: 443, imbalance: { of: 'given', ratio: 3.6, chance: 1.2 } }),
    groupRow({ port: 8443, imbalance: { of: 'queues', ratio: 1.04, chance: null } }),
    groupRow({ port: 9443, imbalance: null }),
  )
  server = await servePage(engine)
  await open()
})
afterEach(async () => {
  await opened.close()
  server.close()
  expect(opened.complaints).toEqual([])
})

async function open() {
  opened = await openPage(browser, server.url)
  page = opened.page
  await rows().first().waitFor()
}

const grid = () => page.getByRole('grid', { name: 'Groups' })
const rows = () => grid().locator('[role="rowgroup"] [role="row"]')
const heads = (name: string) => page.getByRole('columnheader', { name })
const edge = (name: string) => page.getByRole('separator', { name: `Width of ${name}` })
const widthOf = async (locator: Locator) => Math.round((await locator.boundingBox())?.width ?? 0)

test('imbalance is shown and sortable, with a dash for empty queues', async () => {
  await heads('Imbalance').getByRole('button').click()
  await expect
    .poll(() => rows().locator('[data-column="imbalance"]').allTextContents())
    .toEqual(['3.60×', 'queue 1.04×', '–'])
  await heads('Imbalance').getByRole('button').click()
  await expect
    .poll(() => rows().locator('[data-column="imbalance"]').allTextContents())
    .toEqual(['–', 'queue 1.04×', '3.60×'])
})

const given = (perSecond: number, acceptedPerSecond: number | null): GroupRow['given'] => ({
  ...{ count: 100, sample: 100, perSecond, acceptedPerSecond, meanWaitMs: null, sampleSince: '2026-01-01T00:00:00Z' },
})

test('what is given and accepted is a column for those who want it, and "unknown" where nothing is counted', async () => {
  await expect.poll(() => heads('Given/s').count()).toBe(0)
  const fullest = { cookie: '1', length: 512, limit: 511 }
  engine.settings = { ...engine.settings, hiddenColumns: [], sort: { column: 'given', descending: true } }
  engine.put(
    groupRow({ port: 443, given: given(256, 224), fullest }),
    groupRow({ port: 8443, given: given(12.5, null), protocol: 'udp' }),
  )
  await opened.close()
  await open()
  const cells = (column: string) => rows().locator(`[data-column="${column}"]`).allTextContents()
  await expect.poll(() => cells('given')).toEqual(['256', '13', 'unknown', 'unknown'])
  await expect.poll(() => cells('accepted')).toEqual(['224', '–', 'unknown', 'unknown'])
  expect(await violations(page)).toEqual([])
})

test('before the settings arrive, the columns are those of a user who has chosen none', async () => {
  let arrive: () => void = () => {}
  engine.settingsArrive = new Promise((resolve) => {
    arrive = resolve
  })
  await opened.close()
  await open()
  const names = () => grid().getByRole('columnheader').allInnerTexts()
  const before = await names()
  arrive()
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('checkbox', { name: 'Given/s' }).waitFor()
  await page.getByRole('link', { name: 'Groups' }).click()
  await rows().first().waitFor()
  expect(await names()).toEqual(before)
})

test('dragging an edge resizes its column, and the width is stored', async () => {
  const before = await widthOf(heads('Sharing'))
  const box = await edge('Sharing').boundingBox()
  if (box === null) throw new Error('the edge is on screen')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 40, y, { steps: 4 })
  await expect.poll(() => widthOf(heads('Sharing'))).toBe(before + 40)
  await page.mouse.up()
  await expect.poll(() => engine.settings.columnWidths).toEqual({ sharing: (before + 40) / 16 })
  await expect.poll(() => widthOf(rows().first().locator('[data-column="sharing"]'))).toBe(before + 40)
  // Dragging an edge does not sort.
  expect(engine.settings.sort.column).toBe('state')
  await opened.close()
  await open()
  await expect.poll(() => widthOf(heads('Sharing'))).toBe(before + 40)
  await edge('Sharing').dblclick()
  await expect.poll(() => widthOf(heads('Sharing'))).toBe(before)
  await expect.poll(() => engine.settings.columnWidths).toEqual({})
})

test('by keyboard: arrows move an edge, Enter resets the width', async () => {
  const before = await widthOf(heads('Drops/s'))
  await edge('Drops/s').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => widthOf(heads('Drops/s'))).toBe(before + 16)
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => widthOf(heads('Drops/s'))).toBe(before + 8)
  await page.keyboard.press('Enter')
  await expect.poll(() => widthOf(heads('Drops/s'))).toBe(before)
})

test('columns wider than the window are reached by scrolling, and rows are as wide', async () => {
  engine.settings = { ...engine.settings, columnWidths: { owners: 60, queue: 30 } }
  await opened.close()
  await open()
  const head = () => widthOf(grid().locator('.table-head_head'))
  await expect.poll(head).toBeGreaterThan(1280)
  await expect.poll(() => widthOf(rows().first())).toBe(await head())
  await grid().evaluate((element) => element.scrollTo({ left: element.scrollWidth }))
  await expect.poll(() => heads('Last minute').isVisible()).toBe(true)
  expect(await violations(page)).toEqual([])
})

test('a hidden column leaves no gap, whatever its width', async () => {
  engine.settings = { ...engine.settings, columnWidths: { imbalance: 20 }, hiddenColumns: ['imbalance'] }
  await opened.close()
  await open()
  await expect.poll(() => heads('Imbalance').count()).toBe(0)
  const drops = await heads('Drops/s').boundingBox()
  const trend = await heads('Last minute').boundingBox()
  expect(Math.round((drops?.x ?? 0) + (drops?.width ?? 0))).toBe(Math.round(trend?.x ?? -1))
})
