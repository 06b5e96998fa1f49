/** A whole engine, as the fronts start it. */
import { Settings } from '../../../electron/contract/settings.ts'
import { type Engine, startEngine } from '../../../electron/engine/engine.ts'
import { tuneHeap } from '../../../electron/engine/process/tune-heap.ts'
import { memorySettings } from '../../../electron/engine/settings/settings-store.ts'
import { addonPath, cpuMs, usage } from './process.ts'

/** Configured as in `serve`. */
export function engineFor(intervalMs: number, snapshotFolder?: string): Engine {
  tuneHeap()
  const settings = memorySettings(Settings.parse({ intervalMs }))
  return startEngine({ addonPath, settings, ...(snapshotFolder !== undefined && { snapshotFolder }) })
}

/**
 * An engine that is watched for `seconds` as a window watches it: all groups, with a new request after each answer.
 * `warmUp`: refreshes before that, in which everything is read and classified, and V8 compiles the hot code. `settle`:
 * refreshes at the interval before that.
 */
export async function watch(request: { intervalMs: number; seconds: number; warmUp: number; settle: number }) {
  const engine = engineFor(request.intervalMs)
  for (let round = 0; round < request.warmUp; round++) await engine.client.sampling.refresh()
  const durations: number[] = []
  let cursor: string | undefined
  const next = async () => {
    const change = await engine.client.groups.changes({ ...(cursor !== undefined && { after: cursor }) })
    cursor = change.cursor
    return change
  }
  while ((await next()).more);
  globalThis.gc?.()
  // At least two, which recreate what was collected.
  for (let round = 0; round < 2 + request.settle; round++) while ((await next()).more);
  const before = cpuMs()
  const started = performance.now()
  let { refresh } = (await next()).sampler
  while (performance.now() - started < 1000 * request.seconds) {
    const { sampler, more } = await next()
    if (more || sampler.refresh === refresh) continue
    refresh = sampler.refresh
    durations.push(sampler.durationMs)
  }
  const elapsedMs = performance.now() - started
  const usedMs = cpuMs() - before
  const after = await usage()
  const { intervalMs } = await engine.client.sampling.pause({ paused: true })
  await engine.close()
  return { durations, intervalMs, cpuShare: usedMs / elapsedMs, after }
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
