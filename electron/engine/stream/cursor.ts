/**
 * A reader's place in a stream, as text that the reader sends back. A stream is delivered in scans over all rows, page
 * by page, so that a slow reader gets every row before it gets one twice.
 */

export type FrameCursor = {
  /** The engine's run: another run cannot resume from this cursor. */
  epoch: string
  /** Rows that changed after this refresh are due in this scan. */
  since: number
  /** The refresh at which this scan began: where the next one continues. */
  began: number
  /** The refresh of the last delivered page: the reader knows nothing later. */
  seen: number
  /** The last delivered row, an id; empty between two scans. */
  at: string
}

/** The scan that `resume` is in the middle of, or else the next one, which begins at `refresh`. */
export function continueScan(resume: FrameCursor | null, epoch: string, refresh: number): FrameCursor {
  if (resume !== null && resume.at !== '') return { ...resume }
  return { epoch, since: resume?.began ?? 0, began: refresh, seen: resume?.seen ?? 0, at: '' }
}

export function formatCursor(sweep: FrameCursor): string {
  return [sweep.epoch, sweep.since, sweep.began, sweep.seen, sweep.at].join('.')
}

/** null for anything that `writePosition` did not produce. */
export function parseCursor(text: string): FrameCursor | null {
  const match = /^([0-9a-f]+)\.(\d+)\.(\d+)\.(\d+)\.([0-9a-f]*)$/.exec(text)
  if (!match) return null
  const [, epoch = '', since, began, seen, at = ''] = match
  return { epoch, since: Number(since), began: Number(began), seen: Number(seen), at }
}
