/** Scripting time per frame of the page while groups change, from Chromium's own trace. */
import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchChromium } from '../desktop/support/browser.ts'
import { EngineDouble } from '../doubles/engine.ts'
import { manyGroupRows, withQueue } from '../doubles/group-rows.ts'
import { servePage } from '../doubles/page-server.ts'

export type FrameCost = {
  /** Frames in which any script ran. */
  frames: number
  /** Milliseconds of scripting per frame. */
  median: number
  p95: number
  p99: number
  max: number
  /** MiB of the page's JavaScript heap after collecting garbage: at the start and at the end. */
  heap: [number, number]
}

const FRAME_MS = 1000 / 60
/** Top-level trace events that are JavaScript. */
const SCRIPT = new Set([
  'FunctionCall',
  'EvaluateScript',
  'RunMicrotasks',
  'FireAnimationFrame',
  'TimerFire',
  'EventDispatch',
  'MajorGC',
  'MinorGC',
])

type TraceEvent = {
  name: string
  ph: string
  ts: number
  tts?: number
  tdur?: number
  pid: number
  tid: number
  args?: { data?: { frame?: string }; name?: string }
}

/**
 * Drives the built page for `seconds` with `groups` groups, each of which changes once per second. `coming`: how many
 * are replaced per second.
 */
export async function measureFrames(
  groups: number,
  seconds: number,
  coming = 0,
): Promise<FrameCost & { groups: number }> {
  const engine = new EngineDouble()
  const spare = manyGroupRows(2 * groups)
  let rows = spare.splice(0, groups)
  engine.put(...rows)
  const server = await servePage(engine)
  const browser = await launchChromium()
  const timer = setInterval(() => {
    rows = rows.map((row, i) =>
      withQueue(
        { ...row, dropsPerSecond: Math.random() < 0.001 ? 3 : 0 },
        i % row.queueUtilization.length,
        Math.floor(Math.random() * 400),
      ),
    )
    if (coming > 0) {
      const going = rows.splice(0, coming)
      rows.push(...spare.splice(0, coming))
      spare.push(...going)
      engine.remove(...going.map(({ id }) => id))
    }
    engine.put(...rows)
  }, 1000)
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(server.url)
    await page.getByRole('contentinfo').locator('b').first().waitFor()
    await page.locator('[role="grid"][aria-rowcount]').waitFor()
    await page.waitForTimeout(3000)
    return { groups, ...(await traceFrames(browser, page, seconds)) }
  } finally {
    clearInterval(timer)
    await browser.close()
    server.close()
  }
}

/** The cost of the page during the next `seconds`. */
export async function traceFrames(browser: Browser, page: Page, seconds: number): Promise<FrameCost> {
  const session = await page.context().newCDPSession(page)
  const before = await heapOf(session)
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'toplevel', '__metadata'],
  })
  await page.waitForTimeout(seconds * 1000)
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const after = await heapOf(session)
  const costs = scriptingByFrame(traceEvents).sort((a, b) => a - b)
  const at = (share: number) => costs[Math.min(costs.length - 1, Math.floor(share * costs.length))] ?? 0
  return {
    frames: costs.length,
    median: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: costs.at(-1) ?? 0,
    heap: [before, after],
  }
}

/** MiB of the page's JavaScript heap after collecting garbage. */
export async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 2 ** 20
}

/** Milliseconds of scripting on the page's main thread, for each frame with any. */
function scriptingByFrame(events: readonly TraceEvent[]): number[] {
  const main = mainThread(events)
  const spans = events
    .flatMap(({ name, ph, ts, tts, tdur, pid, tid }) =>
      SCRIPT.has(name) && ph === 'X' && tts !== undefined && tdur !== undefined && `${pid} ${tid}` === main
        ? [{ ts, from: tts, to: tts + tdur }]
        : [],
    )
    .sort((a, b) => a.from - b.from)
  const frames = new Map<number, number>()
  let counted = 0
  for (const { ts, from, to } of spans) {
    // Nested work is counted once.
    const start = Math.max(from, counted)
    if (to <= start) continue
    counted = to
    // Work that began during a frame delays that frame.
    const frame = Math.floor(ts / 1000 / FRAME_MS)
    frames.set(frame, (frames.get(frame) ?? 0) + (to - start) / 1000)
  }
  return [...frames.values()]
}

/** The renderer main thread that ran the most functions: the page's. */
function mainThread(events: readonly TraceEvent[]): string {
  const calls = new Map<string, number>()
  for (const { name, pid, tid } of events) {
    if (name === 'FunctionCall') calls.set(`${pid} ${tid}`, (calls.get(`${pid} ${tid}`) ?? 0) + 1)
  }
  return [...calls].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
}
