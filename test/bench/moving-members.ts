/** Like member-frames.ts, with an engine double: all queues change every second, which no real clients can do. */
import { memberId } from '../../electron/contract/ids.ts'
import { launchChromium } from '../desktop/support/browser.ts'
import { GroupEngine, holder, memberRow } from '../doubles/group-engine.ts'
import { servePage } from '../doubles/page-server.ts'
import { type FrameCost, traceFrames } from './page-frames.ts'

const MEMBERS_A_PROCESS = 256
const LIMIT = 511
/** Until compiled code and caches have settled. */
const SETTLES_MS = 5000

/** Drives the built page for `seconds` with one group of `members` open, each of which changes once per second. */
export async function measureMovingMembers(members: number, seconds: number): Promise<FrameCost & { members: number }> {
  const rows = Array.from({ length: members }, (_, i) =>
    memberRow(String(i + 1), { holders: [holder(100 + Math.floor(i / MEMBERS_A_PROCESS), 'edge')] }),
  )
  const cookies = rows.map(memberId)
  const engine = new GroupEngine(rows)
  const server = await servePage(engine)
  const browser = await launchChromium()
  let timer: NodeJS.Timeout | undefined
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(`${server.url}`)
    await page.getByRole('grid', { name: 'Groups' }).getByRole('link').first().click()
    await page.getByRole('slider', { name: /^Heat grid of/ }).waitFor()
    timer = setInterval(() => {
      // Most queues are nearly empty, some are full.
      for (const { queue } of rows) queue.length = Math.floor(Math.random() ** 8 * (LIMIT + 5))
      engine.refresh({ moved: cookies })
    }, 1000)
    await page.waitForTimeout(SETTLES_MS)
    return { members, ...(await traceFrames(browser, page, seconds)) }
  } finally {
    clearInterval(timer)
    await browser.close()
    server.close()
  }
}
