/** Time from the start of `reuseport-inspector serve` to the first group on screen, and where it goes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { startServer } from '../desktop/serve.ts'
import { launchChromium } from '../desktop/support/browser.ts'
import { startSocketMaker } from '../integration/support/socket-maker.ts'

const MEMBERS = 4

/** Milliseconds of each round. All but the first since the start of `serve`. */
export type FirstData = {
  /** An empty program of Node, for comparison. */
  node: number[]
  /** The address is printed. */
  listening: number[]
  /** The browser begins to load the page. */
  navigated: number[]
  /** The page's script has arrived. */
  loaded: number[]
  /** The script has run up to its connection. */
  connecting: number[]
  /** The first group is on screen. */
  ms: number[]
}

/** From starting `serve` to a row of real sockets in a Chromium that is already running, `rounds` times. */
export async function measureFirstData(rounds: number): Promise<FirstData> {
  await using maker = await startSocketMaker({})
  const [one] = await maker.openTogether({
    protocol: 'tcp',
    address: '127.0.0.1',
    options: ['reuseport'],
    count: MEMBERS,
  })
  if (one === undefined) throw new Error('no socket was made')
  const browser = await launchChromium()
  const data: FirstData = { node: [], listening: [], navigated: [], loaded: [], connecting: [], ms: [] }
  try {
    for (let round = 0; round < rounds; round++) {
      data.node.push(await startOfNode())
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
      await logTimes(page, `:${one.port}`)
      const logged = page.waitForEvent('console')
      const began = performance.now()
      await using server = await startServer()
      data.listening.push(performance.now() - began)
      await page.goto(server.url, { waitUntil: 'commit' })
      const times = JSON.parse((await logged).text()) as Times
      // Both clocks count from 1970.
      const since = (at: number) => at - performance.timeOrigin - began
      data.navigated.push(since(times.navigated))
      data.loaded.push(since(times.loaded))
      data.connecting.push(since(times.connecting))
      data.ms.push(since(times.shown))
      await page.close()
    }
  } finally {
    await browser.close()
  }
  return data
}

type Times = Record<'navigated' | 'loaded' | 'connecting' | 'shown', number>

/**
 * Has the page log when it connects, and when a row with `text` has been drawn. Asking it would run Playwright's own
 * script in it, which takes long.
 */
async function logTimes(page: Page, text: string): Promise<void> {
  await page.addInitScript((text) => {
    let connecting = Number.NaN
    const now = () => performance.timeOrigin + performance.now()
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        if (Number.isNaN(connecting)) connecting = now()
        super(url, protocols)
      }
    }
    const log = () => {
      const script = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('.js'))
      const loaded = performance.timeOrigin + (script as PerformanceResourceTiming).responseEnd
      console.log(JSON.stringify({ navigated: performance.timeOrigin, loaded, connecting, shown: now() }))
    }
    const rows = new MutationObserver(() => {
      if (![...document.querySelectorAll('[role=row]')].some((row) => row.textContent.includes(text))) return
      rows.disconnect()
      // After the frame that has it.
      requestAnimationFrame(() => setTimeout(log, 0))
    })
    rows.observe(document, { subtree: true, childList: true })
  }, text)
}

async function startOfNode(): Promise<number> {
  const began = performance.now()
  await once(spawn(process.execPath, ['-e', '0']), 'close')
  return performance.now() - began
}
