/** Nothing moves that did not change: the layout shift of every screen, from its start and while everything changes. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineDouble } from '../doubles/engine.ts'
import { aFinding } from '../doubles/findings.ts'
import { GroupEngine, memberRow } from '../doubles/group-engine.ts'
import { manyGroupRows, withQueue } from '../doubles/group-rows.ts'
import { servePage } from '../doubles/page-server.ts'
import { eventually } from '../integration/support/conditions.ts'
import { launchChromium, openPage } from './support/browser.ts'

/** Goal of the sum of layout shifts (https://web.dev/cls) on any screen. */
const MOST = 0.05
const GROUPS = 200
const REFRESHES = 12

let browser: Awaited<ReturnType<typeof launchChromium>>
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
})

type Shifts = { sum: number; sources: string[] }

/** Collects the layout shifts of every document that `page` loads from now on. */
async function noteShifts(page: Page): Promise<() => Promise<Shifts>> {
  await page.addInitScript(() => {
    const seen: Shifts = { sum: 0, sources: [] }
    Object.assign(window, { seen })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
        sources: { node: Node | null }[]
      })[]) {
        if (entry.hadRecentInput) continue
        seen.sum += entry.value
        for (const { node } of entry.sources)
          seen.sources.push(
            `${entry.value.toFixed(4)} ${node instanceof Element ? node.className : (node?.nodeName ?? '')}`,
          )
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  return () => page.evaluate(() => (window as unknown as { seen: Shifts }).seen)
}

/** As lanes and as a grid. */
test.each([8, 2000])('a group of %i members, of which others are full at each refresh', async (count) => {
  const troubled = Math.ceil(count / 16)
  const engine = new GroupEngine(
    Array.from({ length: count }, (_, at) =>
      memberRow(String(at + 1), {
        state: 'unconnected',
        queue: { length: 0, limit: 212_992, unit: 'bytes' },
        drops: 0,
        dropsPerSecond: 0,
      }),
    ),
    { protocol: 'udp', address: '0.0.0.0', port: 4433 },
  )
  engine.findings = [
    aFinding(
      {
        code: 'udp-not-read',
        severity: 'critical',
        members: Array.from({ length: Math.min(100, troubled) }, (_, at) => String(at + 1)),
        summary: `${troubled} of ${count} members of udp 0.0.0.0:4433 are not read.`,
      },
      engine.row(),
    ),
  ]
  const server = await servePage(engine)
  const { page, complaints, close } = await openPage(browser, 'about:blank')
  const shifts = await noteShifts(page)
  await page.goto(server.url.replace('#', `#/group/${engine.id}?`))
  await page.getByText(`${troubled} of ${count} members are not read.`).waitFor()
  for (let refresh = 0; refresh < REFRESHES; refresh++) {
    const moved: string[] = []
    for (let at = 0; at < count; at++) {
      const member = engine.member(String(at + 1))
      const full = at < troubled && (at + refresh) % 11 === 0
      member.queue.length = full ? 212_000 : (at * (refresh + 1) * 97) % 9000
      member.dropsPerSecond = full ? 1 + refresh : 0
      moved.push(String(at + 1))
    }
    engine.refresh({ moved })
    await engine.caughtUp(2)
  }
  const { sum, sources } = await shifts()
  await close()
  await server.close()
  expect(sum, sources.join('\n')).toBeLessThan(MOST)
  expect(complaints).toEqual([])
})

const SCREENS = [
  'groups',
  'findings',
  'events',
  'lab',
  'lab/new',
  'port/443/tcp',
  'snapshots',
  'settings',
  'permissions',
  'hosts',
]

test.each(SCREENS)('%s', async (screen) => {
  const engine = new EngineDouble()
  const rows = manyGroupRows(GROUPS)
  const changed = (refresh: number) =>
    rows.map((row, at) =>
      withQueue({ ...row, dropsPerSecond: (at + refresh) % 40 === 0 ? 3 : 0 }, at % 4, (at * refresh * 97) % 500),
    )
  const found = (refresh: number) =>
    rows
      .filter((_, at) => (at + refresh) % 40 === 0)
      .map((row) => aFinding({ code: 'queue-overflowing', severity: 'critical' }, row))
  engine.put(...changed(0))
  engine.find(...found(0))
  const server = await servePage(engine)
  const { page, complaints, close } = await openPage(browser, 'about:blank')
  const shifts = await noteShifts(page)
  await page.goto(server.url.replace('#', `#/${screen}?`))
  await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
  for (let refresh = 1; refresh <= REFRESHES; refresh++) {
    await eventually('the page waits for the next refresh', () => engine.waiting >= 2)
    engine.put(...changed(refresh))
    engine.find(...found(refresh))
  }
  await eventually('the page has them all', () => engine.waiting >= 2)
  const { sum, sources } = await shifts()
  await close()
  await server.close()
  expect(sum, sources.join('\n')).toBeLessThan(MOST)
  expect(complaints).toEqual([])
})
