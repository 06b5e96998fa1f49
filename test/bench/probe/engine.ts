/** A whole engine, as the fronts start it. */
import { Settings } from '../../../electron/contract/settings.ts'
import { type Engine, startEngine } from '../../../electron/engine/engine.ts'
import { tuneHeap } from '../../../electron/engine/process/tune-heap.ts'
import { memorySettings } from '../../../electron/engine/settings/settings-store.ts'
import { addonPath, childrenMs, cpuMs, usage } from './process.ts'

/** Configured as in `serve`. */
export function engineFor(intervalMs: number, snapshotFolder?: string): Engine {
  tuneHeap()
  const settings = memorySettings(Settings.parse({ intervalMs }))
  return startEngine({ addonPath, settings, ...(snapshotFolder !== undefined && { snapshotFolder }) })
}

type WatchRequest = { intervalMs: number; seconds: number; periods: number; warmUp: number; settle: number }

/**
 * An engine that is watched as a window watches it, all groups, with a new request after each answer, for `periods` of
 * `seconds` each.
 * `warmUp`: refreshes before that, in which everything is read and classified, and V8 compiles the hot code. `settle`:
 * refreshes at the interval before that.
 */
export async function watch(request: WatchRequest) {
  const engine = engineFor(request.intervalMs)
  const durations: number[] = []
  let cursor: string | undefined
  const next = async () => {
    const change = await engine.client.groups.changes({ ...(cursor !== undefined && { after: cursor }) })
    cursor = change.cursor
    return change
  }
  while ((await next()).more);
  for (let round = 0; round < request.warmUp; round++) {
    await engine.client.sampling.refresh()
    while ((await next()).more);
  }
  globalThis.gc?.()
  // At least two, which recreate what was collected.
  for (let round = 0; round < 2 + request.settle; round++) while ((await next()).more);
  const cpuShares: number[] = []
  const readersShares: number[] = []
  for (let period = 0; period < request.periods; period++) {
    const before = cpuMs()
    const readersBefore = childrenMs()
    const started = performance.now()
    let { refresh } = (await next()).sampler
    while (performance.now() - started < 1000 * request.seconds) {
      const { sampler, more } = await next()
      if (more || sampler.refresh === refresh) continue
      refresh = sampler.refresh
      durations.push(sampler.durationMs)
    }
    const elapsedMs = performance.now() - started
    cpuShares.push((cpuMs() - before) / elapsedMs)
    readersShares.push((childrenMs() - readersBefore) / elapsedMs)
  }
  const after = await usage()
  const { intervalMs } = await engine.client.sampling.pause({ paused: true })
  await engine.close()
  return { durations, intervalMs, cpuShares, readersShares, after }
}

/** What an engine uses before and after `refreshes`; every tenth reads owners too. */
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
