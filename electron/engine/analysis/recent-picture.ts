/** A frame to answer queries from. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'
import type { Sampler } from '../sampler.ts'

/** Maximum age of a frame, in milliseconds, while the sampler is idle. */
const RECENT_MS = 1500

/**
 * The newest frame, with owners, read now if it is too old; while paused, the last one. `bound` also requires recent
 * TCP sockets that are bound but not listening, which the sampler reads less often. Rejects if reading fails.
 */
export async function recentPicture(
  inspection: Inspection,
  sampler: Sampler,
  { bound = false } = {},
): Promise<Picture> {
  const picture = inspection.picture
  if (picture === null || inspection.owners.lastScan === null) await sampler.read('now', async () => undefined)
  else if (!sampler.state.paused) {
    const age = Date.now() - picture.takenAt.getTime()
    const old = age > Math.max(RECENT_MS, 2 * sampler.state.intervalMs)
    const renewed = bound && inspection.renewBound(RECENT_MS)
    if (old || renewed) await sampler.read('due', async () => undefined)
  }
  const newest = inspection.picture
  if (newest === null) throw new Error('the engine is closed')
  return newest
}
