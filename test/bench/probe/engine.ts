/** A whole engine, as the fronts start it. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Settings } from '../../../electron/contract/settings.ts'
import { type Engine, startEngine } from '../../../electron/engine/engine.ts'
import { keepHeapSmallAndCalm } from '../../../electron/engine/heap.ts'
import { memorySettings } from '../../../electron/engine/settings-store.ts'
import { addonPath, cpuMs, threadClock, usage } from './process.ts'

/** The timer of `monitorEventLoopDelay`, which is part of what it records. */
const RESOLUTION_MS = 1

/**
 * The longest that this thread worked without a turn of its loop, in milliseconds of its own: what it waited for a
 * processor that others had does not count.
 */
class LongestWork {
  readonly #threadMs = threadClock()
  #timer: NodeJS.Timeout | null = null
  #before = 0
  #most = 0

  begin(): void {
    this.#before = this.#threadMs()
    this.#timer = setInterval(() => {
      const now = this.#threadMs()
      this.#most = Math.max(this.#most, now - this.#before)
      this.#before = now
    }, RESOLUTION_MS)
  }
  /** The longest since the last call. */
  take(): number {
    const most = this.#most
    this.#most = 0
    return most
  }
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }
}

/** As `serve` runs it. */
export function engineFor(intervalMs: number, snapshotFolder?: string): Engine {
  keepHeapSmallAndCalm()
  const settings = memorySettings(Settings.parse({ intervalMs }))
  return startEngine({ addonPath, settings, ...(snapshotFolder !== undefined && { snapshotFolder }) })
}

/**
 * An engine that is watched for `seconds` as a window watches it: every group, asked again as soon as it answers. With
 * `delay` it also tells the longest time that the loop stood still in each refresh, and the longest that this thread
 * worked at a time; that itself costs some of the time.
 * `warmUp`: refreshes before, in which everything is read and understood, and V8 compiles what runs often.
 */
export async function watch(request: { intervalMs: number; seconds: number; delay: boolean; warmUp: number }) {
  const engine = engineFor(request.intervalMs)
  for (let round = 0; round < request.warmUp; round++) await engine.client.sampling.refresh()
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  const work = new LongestWork()
  const longest: number[] = []
  const worked: number[] = []
  const durations: number[] = []
  let position: string | undefined
  const next = async () => {
    const change = await engine.client.groups.changes({ ...(position !== undefined && { after: position }) })
    position = change.position
    return change
  }
  while ((await next()).more);
  globalThis.gc?.()
  // What was collected there is made again in the next two.
  for (let round = 0; round < 2; round++) while ((await next()).more);
  const before = cpuMs()
  const started = performance.now()
  if (request.delay) {
    monitor.enable()
    work.begin()
  }
  let { refresh } = (await next()).sampling
  while (performance.now() - started < 1000 * request.seconds) {
    const { sampling, more } = await next()
    if (more || sampling.refresh === refresh) continue
    refresh = sampling.refresh
    durations.push(sampling.durationMs)
    if (!request.delay) continue
    // The timer has its turn after what answered.
    await new Promise((resolve) => setTimeout(resolve, 2 * RESOLUTION_MS))
    longest.push(Math.max(0, monitor.max / 1e6 - RESOLUTION_MS))
    worked.push(work.take())
    monitor.reset()
  }
  monitor.disable()
  work.end()
  const elapsedMs = performance.now() - started
  const usedMs = cpuMs() - before
  const after = await usage()
  const { intervalMs } = await engine.client.sampling.pause({ paused: true })
  await engine.close()
  return { durations, longest, worked, intervalMs, cpuShare: usedMs / elapsedMs, after }
}

/** What an engine uses before and after `refreshes`; each tenth looks at owners too. */
export async function repeat({ refreshes }: { refreshes: number }) {
  const engine = engineFor(60_000)
  const run = async (count: number) => {
    for (let done = 0; done < count; done++) await engine.client.snapshot({ owners: done % 10 === 0 })
  }
  await run(refreshes / 10)
  const before = await usage()
  await run(refreshes)
  const after = await usage()
  await engine.close()
  return { before, after }
}
