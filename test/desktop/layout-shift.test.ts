/** Nothing moves that did not change: the layout shift of a large group while its members fill up and drain. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aFinding } from '../doubles/findings.ts'
import { GroupEngine, memberRow } from '../doubles/group-engine.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import { launchChromium, type OpenPage, openPage } from './support/browser.ts'

/** Goal of the sum of layout shifts (https://web.dev/cls) on any screen. */
const MOST = 0.05
const MEMBERS = 2000
const REFRESHES = 12

let browser: Awaited<ReturnType<typeof launchChromium>>
let server: PageServer
let open: OpenPage
const engine = new GroupEngine(
  Array.from({ length: MEMBERS }, (_, at) =>
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
      members: Array.from({ length: 100 }, (_, at) => String(at + 1)),
      summary: '125 of 2,000 members of udp 0.0.0.0:4433 are not read.',
    },
    engine.row(),
  ),
]
beforeAll(async () => {
  browser = await launchChromium()
  server = await servePage(engine)
  open = await openPage(browser, server.url)
})
afterAll(async () => {
  await open?.close()
  await server?.close()
  await browser?.close()
})

test('a group of 2,000 members, of which others are full at each refresh', async () => {
  const { page, complaints } = open
  await page.evaluate((id) => window.location.assign(`#/group/${id}`), engine.id)
  await page.getByText('125 of 2,000 members are not read.').waitFor()
  const shifts = await page.evaluateHandle(() => {
    const seen = { sum: 0, sources: [] as string[] }
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
    }).observe({ type: 'layout-shift' })
    return seen
  })
  for (let refresh = 0; refresh < REFRESHES; refresh++) {
    const moved: string[] = []
    for (let at = 0; at < MEMBERS; at++) {
      const member = engine.member(String(at + 1))
      const full = at < 125 && (at + refresh) % 11 === 0
      member.queue.length = full ? 212_000 : (at * (refresh + 1) * 97) % 9000
      member.dropsPerSecond = full ? 1 + refresh : 0
      moved.push(String(at + 1))
    }
    engine.refresh({ moved })
    await engine.caughtUp(2)
  }
  const { sum, sources } = await shifts.jsonValue()
  expect(sum, sources.join('\n')).toBeLessThan(MOST)
  expect(complaints).toEqual([])
})
