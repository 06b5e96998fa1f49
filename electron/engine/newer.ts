/** How a stream waits for something newer than its reader has. */
import type { Departures } from './departures.ts'
import type { Picture } from './picture.ts'
import { readPosition, type Sweep } from './position.ts'
import type { Sampler } from './sampler.ts'

/**
 * The frame to answer from: at once where the reader at `after` is behind, else the next one, or the same again after a
 * while. `resume`: where to go on; null where the reader must start over, since removals since then are forgotten.
 */
export async function newerThan(
  sampler: Sampler,
  after: string | undefined,
  departures: Departures,
  signal: AbortSignal | undefined,
): Promise<{ picture: Picture; resume: Sweep | null }> {
  const position = after === undefined ? null : readPosition(after)
  const picture = await sampler.current()
  const resume = position !== null && departures.mayResume(position) ? position : null
  if (resume === null || resume.at !== '' || resume.began < picture.refresh) return { picture, resume }
  await sampler.next(signal)
  const newer = await sampler.current()
  return { picture: newer, resume: departures.mayResume(resume) ? resume : null }
}
