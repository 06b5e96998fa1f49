/** Time from the start of `reuseport-inspector serve` to the first group on screen. */
import { startServer } from '../desktop/serve.ts'
import { launchChromium } from '../desktop/support/browser.ts'
import { startSocketMaker } from '../integration/support/socket-maker.ts'

const MEMBERS = 4

/** Milliseconds from starting `serve` to a row of real sockets in a Chromium that is already running, `rounds` times */
export async function measureFirstData(rounds: number): Promise<{ ms: number[] }> {
  await using maker = await startSocketMaker({})
  const [one] = await maker.openTogether({
    protocol: 'tcp',
    address: '127.0.0.1',
    options: ['reuseport'],
    count: MEMBERS,
  })
  if (one === undefined) throw new Error('no socket was made')
  const browser = await launchChromium()
  const ms: number[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
      const began = performance.now()
      await using server = await startServer()
      await page.goto(server.url)
      await page.locator('[role=row]', { hasText: `:${one.port}` }).waitFor()
      ms.push(performance.now() - began)
      await page.close()
    }
  } finally {
    await browser.close()
  }
  return { ms }
}
