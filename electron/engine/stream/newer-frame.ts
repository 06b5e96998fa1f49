/** How a stream waits for something newer than its reader has. */

import type { FrameView } from '../collect/frame-view.ts'
import type { Sampler } from '../collect/sampler.ts'
import { type FrameCursor, parseCursor } from './cursor.ts'
import type { RemovalLog } from './removal-log.ts'

/**
 * The frame to answer from: at once where the reader at `after` is behind, else the next one, or the same again after a
 * while. `resume`: where to go on; null where the reader must start over, since removals since then are forgotten.
 */
export async function waitForNewerFrame(
  sampler: Sampler,
  after: string | undefined,
  removals: RemovalLog,
  signal: AbortSignal | undefined,
): Promise<{ frame: FrameView; resume: FrameCursor | null }> {
  const cursor = after === undefined ? null : parseCursor(after)
  const frame = await sampler.current()
  const resume = cursor !== null && removals.canResume(cursor) ? cursor : null
  if (resume === null || resume.at !== '' || resume.began < frame.refresh) return { frame, resume }
  await sampler.next(signal)
  const newer = await sampler.current()
  return { frame: newer, resume: removals.canResume(resume) ? resume : null }
}
