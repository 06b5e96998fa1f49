/** The notice above every snapshot that is not live. */

import { formatDuration } from '../../../contract/format.ts'
import type { Snapshot } from '../../../contract/model.ts'
import { type Line, line, span } from '../text.ts'

/** The snapshot's host, its age, and what was replaced by pseudonyms. */
export function notLive(snapshot: Pick<Snapshot, 'host' | 'takenAt' | 'redacted'>, now: Date): Line[] {
  const age = now.getTime() - Date.parse(snapshot.takenAt)
  const when = age >= 0 ? `${formatDuration(age)} ago` : "in the future by this machine's clock"
  return [
    line(
      span('Not live: ', 'warning'),
      span(snapshot.host.hostname, 'strong'),
      `  Linux ${snapshot.host.kernelRelease}  taken ${snapshot.takenAt}, ${when}`,
    ),
    ...((snapshot.redacted ?? []).length > 0
      ? [line(span(`Replaced by pseudonyms: ${(snapshot.redacted ?? []).join(', ')}.`, 'quiet'))]
      : []),
  ]
}
