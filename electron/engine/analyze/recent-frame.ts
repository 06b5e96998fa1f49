/** A frame to answer queries from. */

import type { Collector } from '../collect/collector.ts'
import { SINGLE_FRAME, WATCHED_FRAME } from '../collect/frame-request.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'

/** Maximum age of a frame, in milliseconds, while the sampler is idle. */
const RECENT_MS = 1500

/**
 * The newest frame, with owners, read now if it is too old; while paused, the last one. `bound` also requires recent
 * TCP sockets that are bound but not listening, which the sampler reads less often. Rejects if reading fails.
 */
export async function recentFrame(collector: Collector, sampler: Sampler, { bound = false } = {}): Promise<FrameView> {
  const frame = collector.frame
  if (frame === null || collector.processTable.lastScan === null)
    await sampler.read(SINGLE_FRAME, async () => undefined)
  else if (!sampler.state.paused) {
    const age = Date.now() - frame.takenAt.getTime()
    const old = age > Math.max(RECENT_MS, 2 * sampler.state.intervalMs)
    const renewed = bound && collector.expireBoundRead(RECENT_MS)
    if (old || renewed) await sampler.read(WATCHED_FRAME, async () => undefined)
  }
  const newest = collector.frame
  if (newest === null) throw new Error('the engine is closed')
  return newest
}
