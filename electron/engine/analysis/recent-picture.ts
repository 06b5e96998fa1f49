/** A picture to answer questions with. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'
import type { Sampler } from '../sampler.ts'

/** What a picture may be behind, where nobody watches and nothing is sampled. */
const RECENT_MS = 1500

/** The newest picture, with owners, read now if it is of old; a paused engine's stays as it is. Rejects where reading fails. */
export async function recentPicture(inspection: Inspection, sampler: Sampler): Promise<Picture> {
  const picture = inspection.picture
  if (picture === null || inspection.owners.lastScan === null) await sampler.read('now', async () => undefined)
  else if (!sampler.state.paused) {
    const age = Date.now() - picture.takenAt.getTime()
    if (age > Math.max(RECENT_MS, 2 * sampler.state.intervalMs)) await sampler.read('due', async () => undefined)
  }
  const newest = inspection.picture
  if (newest === null) throw new Error('the engine is closed')
  return newest
}
