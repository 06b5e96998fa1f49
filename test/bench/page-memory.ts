/** Whether the page's memory stays flat: an hour of refreshes, each as soon as the page has taken the previous one. */
import { memberId } from '../../electron/contract/ids.ts'
import { launchChromium } from '../desktop/support/browser.ts'
import { GroupEngine, holder, memberRow } from '../doubles/group-engine.ts'
import { servePage } from '../doubles/page-server.ts'
import { heapOf } from './page-frames.ts'

/** As many as get their own lane and history. */
const MEMBERS = 48
/** The page keeps a quarter of an hour: from the first measurement on it holds its maximum. */
const LOOKS = 4
const INTERVAL_MS = 2000
/** The stream of the groups and the one of the group on screen. */
const STREAMS = 2

/** MiB of the page's JavaScript heap after garbage collection, every quarter of an hour. */
export async function measurePageMemory(refreshes: number): Promise<{ refreshes: number; heap: number[] }> {
  const rows = Array.from({ length: MEMBERS }, (_, i) =>
    memberRow(String(i + 1), { holders: [holder(100 + i, 'edge')] }),
  )
  const moved = rows.map(memberId)
  const engine = new GroupEngine(rows)
  const server = await servePage(engine)
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(server.url)
    await page.getByRole('grid', { name: 'Groups' }).getByRole('link').first().click()
    await page.locator('.group-head_verdict').waitFor()
    const session = await page.context().newCDPSession(page)
    const lost = new Promise<never>((_, reject) => {
      browser.once('disconnected', () => reject(new Error('Chromium ended early')))
    })
    const caughtUp = () => Promise.race([engine.caughtUp(STREAMS), lost])
    const began = Date.now()
    const heap: number[] = []
    for (let refresh = 1; refresh <= refreshes; refresh++) {
      await caughtUp()
      for (const { queue } of rows) queue.length = Math.floor(Math.random() * 520)
      engine.refresh({ moved }, began + refresh * INTERVAL_MS)
      if (refresh % Math.ceil(refreshes / LOOKS) === 0) {
        await caughtUp()
        heap.push(await heapOf(session))
      }
    }
    return { refreshes, heap }
  } finally {
    await browser.close()
    server.close()
  }
}
