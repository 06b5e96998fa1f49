/** A picture to answer questions with. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'
import type { Sampler } from '../sampler.ts'

/** What a picture may be behind, where nobody watches and nothing is sampled. */
const RECENT_MS = 1500

/**
 * The newest picture, with owners, read now if it is of old; a paused engine's stays as it is. `bound` asks for TCP sockets
 * that do not listen too, which watching looks for less often. Rejects where reading fails.
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
