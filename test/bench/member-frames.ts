/**
 * The same for one group of real sockets, as large as the kernel allows, opened in the real page: `clients` connect
 * every second while it is looked at. Two processes hold the members, for a process may have 20,000 descriptors here.
 */
import { startServer } from '../desktop/serve.ts'
import { launchChromium } from '../desktop/support/browser.ts'
import { makeNamespace } from '../integration/support/namespace.ts'
import {
  type MadeSocket,
  type SocketMaker,
  type SocketSpec,
  startSocketMaker,
} from '../integration/support/socket-maker.ts'
import { readSs } from '../integration/support/ss.ts'
import { type FrameCost, traceFrames } from './page-frames.ts'

/** A queue of two is full, so that some queues are full. */
const LISTENER: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog: 1 }

export type MemberFrames = FrameCost & {
  members: number
  /** From the click to the complete grid. */
  openedMs: number
  /** Members by queue after the clients stopped: as shown by the page, and by `ss`. */
  shown: QueueCounts
  listed: QueueCounts
}
export type QueueCounts = { members: number; empty: number; full: number }

export async function measureMemberFrames(members: number, clients: number, seconds: number): Promise<MemberFrames> {
  await using namespace = await makeNamespace()
  await using first = await startSocketMaker({ netns: namespace.name, command: 'edge' })
  await using second = await startSocketMaker({ netns: namespace.name, command: 'edge' })
  await using visitors = await startSocketMaker({ netns: namespace.name })
  const half = Math.floor(members / 2)
  const [one] = await first.openTogether({ ...LISTENER, count: half })
  if (one === undefined) throw new Error('no socket was made')
  await second.open({ ...LISTENER, port: one.port, count: members - half })
  await using server = await startServer()
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(server.url)
    const row = page.getByRole('grid', { name: 'Groups' }).locator('[role=row]', { hasText: `:${one.port}` })
    await row.waitFor()
    const began = performance.now()
    await row.getByRole('link').click()
    await page
      .getByRole('slider', { name: new RegExp(`^Heat grid of ${members.toLocaleString('en')} members`) })
      .waitFor()
    const openedMs = performance.now() - began
    const end = new AbortController()
    const coming = keepComing(visitors, one, clients, end.signal)
    const cost = await traceFrames(browser, page, seconds)
    end.abort()
    await coming
    const listed = await countListed(namespace.name, one.port)
    let shown: QueueCounts = { members: 0, empty: 0, full: 0 }
    // The page shows it one refresh later.
    for (let look = 0; look < 20 && JSON.stringify(shown) !== JSON.stringify(listed); look++) {
      await page.waitForTimeout(500)
      shown = countsOf((await page.locator('.grid-legend_histogram').getAttribute('aria-label')) ?? '')
    }
    return { members, openedMs, ...cost, shown, listed }
  } finally {
    await browser.close()
  }
}

async function keepComing(visitors: SocketMaker, { address, port }: MadeSocket, count: number, end: AbortSignal) {
  while (!end.aborted) {
    await visitors.fill({ protocol: 'tcp', address, port, count, stuck: count })
    await visitors.drain()
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

async function countListed(netns: string, port: number): Promise<QueueCounts> {
  const queues = (await readSs(netns)).filter((socket) => socket.port === port && socket.state === 'LISTEN')
  return {
    members: queues.length,
    empty: queues.filter(({ receiveQueue }) => receiveQueue === 0).length,
    full: queues.filter(({ receiveQueue, sendQueue }) => receiveQueue > sendQueue).length,
  }
}

/** "Members by queue utilization, 32,768 total. empty: 30,000, …, full: 12." */
function countsOf(words: string): QueueCounts {
  const count = (pattern: RegExp) => Number(pattern.exec(words)?.[1]?.replaceAll(',', '') ?? 0)
  return {
    members: count(/, ([\d,]+) total/),
    empty: count(/empty: ([\d,]+\d|\d)/),
    full: count(/full: ([\d,]+\d|\d)/),
  }
}
