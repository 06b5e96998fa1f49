/** Writes snapshot after snapshot into a recording, until a limit is reached or it is stopped. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Snapshot } from '../../contract/model.ts'
import type { RecordingWriter } from './recording-file.ts'

/** What the recording needs of a frame: the `first` is complete, the `next` may be cheaper. */
export type RecordedFrame = 'first' | 'next' | 'without-owners'

export type RecordingPlan = {
  /** Reads the machine. */
  readonly takeSnapshot: (frame: RecordedFrame) => Promise<Snapshot>
  /** Also reads which processes hold sockets. */
  readonly owners: boolean
  /** Milliseconds between snapshots, unless taking one is slower. */
  readonly intervalMs: number
  /** Total milliseconds. */
  readonly forMs?: number | undefined
  /** Number of snapshots. */
  readonly count?: number | undefined
  readonly maxBytes: number
  /** Stops it; what was written stays. */
  readonly signal: AbortSignal
}

/** What ended it. */
export type RecordingStopReason = 'stopped' | 'time' | 'count' | 'size'

/** Records. Rejects with what reading or writing fails with. The writer stays open. */
export async function recordSnapshots(writer: RecordingWriter, plan: RecordingPlan): Promise<RecordingStopReason> {
  const { intervalMs, signal } = plan
  const until = performance.now() + (plan.forMs ?? Number.POSITIVE_INFINITY)
  while (!signal.aborted) {
    const began = performance.now()
    // All of /proc once, since all later frames build on the first snapshot; then as often as it is cheap.
    const withOwners = writer.frames === 0 ? 'first' : 'next'
    await writer.add(await plan.takeSnapshot(plan.owners ? withOwners : 'without-owners'), intervalMs)
    if (writer.bytes >= plan.maxBytes) return 'size'
    if (writer.frames >= (plan.count ?? Number.POSITIVE_INFINITY)) return 'count'
    const ended = performance.now()
    // A slow snapshot lengthens the interval: at most half of the time is spent on taking them.
    const next = Math.max(began + intervalMs, ended + (ended - began))
    if (next > until) return 'time'
    await pause(next - ended, undefined, { signal }).catch(() => undefined)
  }
  return 'stopped'
}
