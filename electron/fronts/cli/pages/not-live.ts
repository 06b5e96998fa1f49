/** What stands above every picture that is not of now. */
import type { Snapshot } from '../../../contract/model.ts'
import { durationWords } from '../../../engine/snapshots/compare-words.ts'
import { type Line, line, span } from '../text.ts'

/** Whose picture it is and of when, and what of it is a pseudonym. */
export function notLive(snapshot: Pick<Snapshot, 'host' | 'takenAt' | 'redacted'>, now: Date): Line[] {
  const age = now.getTime() - Date.parse(snapshot.takenAt)
  const when = age >= 0 ? `${durationWords(age)} ago` : 'in the future by this clock'
  return [
    line(
      span('Not live: ', 'warning'),
      span(snapshot.host.hostname, 'strong'),
      `  Linux ${snapshot.host.kernelRelease}  taken ${snapshot.takenAt}, ${when}`,
    ),
    ...((snapshot.redacted ?? []).length > 0
      ? [line(span(`Pseudonyms stand for ${(snapshot.redacted ?? []).join(', ')}.`, 'quiet'))]
      : []),
  ]
}
