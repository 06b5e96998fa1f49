/**
 * Where a reader stands in a stream, as text that the reader hands back. A stream is delivered in sweeps over all rows,
 * page by page, so that a slow reader gets every row before it gets one twice.
 */

export type Sweep = {
  /** The engine's run: another one knows nothing of this position. */
  epoch: string
  /** Rows that changed after this refresh are due in this sweep. */
  since: number
  /** The refresh at which this sweep began: where the next one takes up. */
  began: number
  /** The refresh of the last page delivered: nothing that came later can be known to the reader. */
  seen: number
  /** The last row delivered, an id; empty between two sweeps. */
  at: string
}

export function writePosition(sweep: Sweep): string {
  return [sweep.epoch, sweep.since, sweep.began, sweep.seen, sweep.at].join('.')
}

/** null for anything that `writePosition` did not write. */
export function readPosition(text: string): Sweep | null {
  const match = /^([0-9a-f]+)\.(\d+)\.(\d+)\.(\d+)\.([0-9a-f]*)$/.exec(text)
  if (!match) return null
  const [, epoch = '', since, began, seen, at = ''] = match
  return { epoch, since: Number(since), began: Number(began), seen: Number(seen), at }
}
