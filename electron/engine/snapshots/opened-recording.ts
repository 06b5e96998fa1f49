/**
 * An opened recording with random access to its snapshots. Held as the lines of its file, with a complete snapshot
 * every few megabytes of them, so that seeking is cheap and memory stays low.
 */
import { MAX_EVENTS } from '../../contract/constants.ts'
import type { RecordedEvents } from '../../contract/events.ts'
import { formatCount } from '../../contract/format.ts'
import type { Snapshot } from '../../contract/model.ts'
import type { Timeline } from '../../contract/snapshots.ts'
import { TimeSlice } from '../common/time-slice.ts'
import { SnapshotEvents } from './events/snapshot-events.ts'
import { READ_LIMITS, type ReadLimits } from './file-bytes.ts'
import { FileError } from './file-error.ts'
import { type CheckedPart, checkedParts } from './read.ts'
import type { RecordingFrame } from './recording.ts'
import { recordedSnapshots } from './recording-file.ts'
import { RecordingState } from './recording-state.ts'
import { TimelineEvents } from './timeline-events.ts'

/** All frames of an opened recording are in memory; a longer one is shown up to here. */
const LOOK_LIMITS: ReadLimits = { ...READ_LIMITS, text: 256 << 20 }
/** Two days at one snapshot per second: the most that a page's timeline shows. */
const MAX_SNAPSHOTS = 200_000
/** Recently requested snapshots: a player requests each together with the one before. */
const RECENT = 8
/** Bytes of frames between two complete snapshots: the most that one seek reads. */
const STRIDE_BYTES = 4 << 20
/** Bytes that a complete snapshot takes for each of its groups, which it shares with its neighbors. */
const PLACE_BYTES = 8

export class OpenedRecording {
  readonly timeline: Timeline
  /** Approximate bytes in memory. */
  readonly weight: number
  /** The frame of each snapshot, as JSON; none for the first. Frames were checked when they were read. */
  readonly #frames: readonly Buffer[]
  /** Complete snapshots by number, the first among them. */
  readonly #complete: ReadonlyMap<number, Snapshot>
  /** Once they were asked for. */
  #events: Promise<RecordedEvents> | null = null
  /** The newest is last. */
  readonly #recent = new Map<number, Snapshot>()

  private constructor(
    frames: readonly Buffer[],
    whole: ReadonlyMap<number, Snapshot>,
    timeline: Timeline,
    weight: number,
  ) {
    this.#frames = frames
    this.#complete = whole
    this.timeline = timeline
    this.weight = weight
  }

  /** Reads all of it on this thread. Throws as `from` does. */
  static read(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    limits: ReadLimits = LOOK_LIMITS,
  ): Promise<OpenedRecording> {
    return OpenedRecording.from(name, checkedParts(name, bytes, { wanted: 'recording', limits }))
  }

  /**
   * Reads all of it. Throws a FileError where not even the first snapshot is readable; a later error is reported with
   * the timeline.
   */
  static async from(name: string, parts: AsyncIterable<CheckedPart>): Promise<OpenedRecording> {
    const snapshots = recordedSnapshots(name, parts)
    const frames: Buffer[] = []
    const whole = new Map<number, Snapshot>()
    const takenAt: string[] = []
    const marks = new TimelineEvents()
    let bytes = 0
    let wholeAt = 0
    try {
      for (;;) {
        const next = await snapshots.next()
        if (next.done || frames.length === MAX_SNAPSHOTS || bytes > LOOK_LIMITS.text) {
          const problem = next.done ? next.value.problem : tooLong(name).problem
          const timeline = { takenAt, ...marks.all(), problem }
          return new OpenedRecording(frames, whole, timeline, WEIGHT * bytes)
        }
        const { state, frame, steps } = next.value
        const line = frame === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(frame))
        bytes += line.byteLength
        const places = PLACE_BYTES * state.groups
        if (frame === null || bytes - wholeAt > STRIDE_BYTES + places) {
          whole.set(frames.length, state.snapshot())
          bytes += places
          wholeAt = bytes
        }
        marks.add(frames.length, steps)
        takenAt.push(frame?.takenAt ?? state.snapshot().takenAt)
        frames.push(line)
      }
    } finally {
      await snapshots.return({ frames: 0, problem: null })
    }
  }

  /** Number of snapshots, at least one. */
  get length(): number {
    return this.#frames.length
  }

  /**
   * One complete snapshot. What it shares with one that was requested just before is the same object in both. Throws a
   * FileError for a number beyond the end.
   */
  snapshot(number: number): Snapshot {
    if (number >= this.length) {
      throw new FileError(`reading snapshot ${number}`, `the recording has ${this.length}`, 'They are numbered from 0.')
    }
    const known = this.#recent.get(number)
    if (known !== undefined) return known
    const nearest = this.#nearest(number)
    const first = this.#recent.get(nearest) ?? this.#complete.get(nearest)
    if (first === undefined) throw new Error('a recording without its first snapshot')
    this.#remember(nearest, first)
    if (nearest === number) return first
    const state = new RecordingState(first)
    for (let at = nearest + 1; at <= number; at++) {
      state.apply(this.#frame(at))
      // Its closest neighbors are those requested next.
      if (at > number - RECENT) this.#remember(at, state.snapshot())
    }
    return state.snapshot()
  }

  /** Its events. Reads every snapshot, in slices, the first time. */
  events(): Promise<RecordedEvents> {
    this.#events ??= this.#readEvents()
    return this.#events
  }

  async #readEvents(): Promise<RecordedEvents> {
    const state = new RecordingState(this.snapshot(0))
    const found = new SnapshotEvents()
    const slice = new TimeSlice()
    for (let number = 0; number < this.length; number++) {
      if (number > 0) state.apply(this.#frame(number))
      found.add(state.snapshot())
      if (slice.expired) await slice.next()
    }
    found.finish()
    const events = found.all.slice(-MAX_EVENTS)
    const { takenAt } = this.timeline
    const times = takenAt.map((text) => Date.parse(text))
    return {
      events,
      snapshots: events.map(({ at }) => firstNotBefore(times, Date.parse(at))),
      omitted: found.all.length - events.length,
      until: takenAt.at(-1) ?? state.snapshot().takenAt,
    }
  }

  /** The last complete snapshot up to `number`. */
  #nearest(number: number): number {
    let nearest = 0
    for (const kept of [this.#complete, this.#recent]) {
      for (const at of kept.keys()) if (at <= number && at > nearest) nearest = at
    }
    return nearest
  }

  #remember(number: number, state: Snapshot): void {
    this.#recent.delete(number)
    this.#recent.set(number, state)
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= RECENT) break
      this.#recent.delete(oldest)
    }
  }

  #frame(number: number): RecordingFrame {
    return JSON.parse(String(this.#frames[number]))
  }
}

/** The place of the first time that is not before `at`; the last one where all are. */
function firstNotBefore(times: readonly number[], at: number): number {
  let [low, high] = [0, Math.max(0, times.length - 1)]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Events, numbers of snapshots, overhead of V8. */
const WEIGHT = 2

function tooLong(name: string): FileError {
  const snapshots = formatCount(MAX_SNAPSHOTS)
  const cause = `it is longer than can be shown (${snapshots} snapshots, ${LOOK_LIMITS.text >> 20} MiB)`
  return new FileError(`playing ${name}`, cause, 'Its beginning can be shown. `play FILE --text` shows all of it.')
}
