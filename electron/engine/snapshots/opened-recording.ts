/**
 * A recording that is looked at: any of its pictures, at once. Held as the lines of its file, with a whole picture every
 * few megabytes of them, so that neither going somewhere nor being there costs much.
 */
import type { Snapshot } from '../../contract/model.ts'
import type { Timeline } from '../../contract/snapshots.ts'
import { READ_LIMITS, type ReadLimits } from './file-bytes.ts'
import { FileProblem } from './file-problem.ts'
import { MovingPicture } from './moving-picture.ts'
import { type CheckedPart, checkedParts } from './read.ts'
import type { Frame } from './recording.ts'
import { recordedPictures } from './recording-file.ts'
import { TimelineMarks } from './timeline.ts'

/** Of a recording that is looked at, all frames stand in memory; a longer one is shown as far as this. */
const LOOK_LIMITS: ReadLimits = { ...READ_LIMITS, text: 256 << 20 }
/** Two days, with a picture a second: as many as a page has on its time line. */
const MAX_PICTURES = 200_000
/** Pictures that were asked for last: who plays it asks for each with the one before. */
const RECENT = 8
/** Bytes of frames between two pictures that are kept whole: what one seek may have to read. */
const STRIDE_BYTES = 4 << 20
/** Bytes that a whole picture takes for each of its groups, which it shares with those beside it. */
const PLACE_BYTES = 8

export class OpenedRecording {
  readonly timeline: Timeline
  /** Bytes that it takes in memory, about. */
  readonly weight: number
  /** Frame of each picture, as JSON; none for the first. They were checked when they were read. */
  readonly #frames: readonly Buffer[]
  /** Whole pictures by number, the first among them. */
  readonly #whole: ReadonlyMap<number, Snapshot>
  /** The newest last. */
  readonly #recent = new Map<number, Snapshot>()

  private constructor(
    frames: readonly Buffer[],
    whole: ReadonlyMap<number, Snapshot>,
    timeline: Timeline,
    weight: number,
  ) {
    this.#frames = frames
    this.#whole = whole
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
   * Takes all of it. Throws a FileProblem where not even the first picture can be had; what is wrong later is in the time
   * line.
   */
  static async from(name: string, parts: AsyncIterable<CheckedPart>): Promise<OpenedRecording> {
    const pictures = recordedPictures(name, parts)
    const frames: Buffer[] = []
    const whole = new Map<number, Snapshot>()
    const takenAt: string[] = []
    const marks = new TimelineMarks()
    let bytes = 0
    let wholeAt = 0
    try {
      for (;;) {
        const next = await pictures.next()
        if (next.done || frames.length === MAX_PICTURES || bytes > LOOK_LIMITS.text) {
          const problem = next.done ? next.value.problem : tooLong(name)
          const timeline = { takenAt, ...marks.all(), problem: problem?.data ?? null }
          return new OpenedRecording(frames, whole, timeline, WEIGHT * bytes)
        }
        const { picture, frame, steps } = next.value
        const line = frame === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(frame))
        bytes += line.byteLength
        const places = PLACE_BYTES * picture.groups
        if (frame === null || bytes - wholeAt > STRIDE_BYTES + places) {
          whole.set(frames.length, picture.snapshot())
          bytes += places
          wholeAt = bytes
        }
        marks.add(frames.length, steps)
        takenAt.push(frame?.takenAt ?? picture.snapshot().takenAt)
        frames.push(line)
      }
    } finally {
      await pictures.return({ frames: 0, problem: null })
    }
  }

  /** Number of pictures, at least one. */
  get length(): number {
    return this.#frames.length
  }

  /**
   * One picture, whole. What it has in common with one that was asked for just before is the same object in both. Throws
   * a FileProblem for a number beyond the end.
   */
  picture(number: number): Snapshot {
    if (number >= this.length) {
      throw new FileProblem(`picture ${number}`, `the recording has ${this.length}`, 'They are counted from 0.')
    }
    const known = this.#recent.get(number)
    if (known !== undefined) return known
    const nearest = this.#nearest(number)
    const first = this.#recent.get(nearest) ?? this.#whole.get(nearest)
    if (first === undefined) throw new Error('a recording without its first picture')
    this.#remember(nearest, first)
    if (nearest === number) return first
    const picture = new MovingPicture(first)
    for (let at = nearest + 1; at <= number; at++) {
      picture.apply(this.#frame(at))
      // Those that it shares most with are those that are asked for next.
      if (at > number - RECENT) this.#remember(at, picture.snapshot())
    }
    return picture.snapshot()
  }

  /** The last picture up to `number` that is here whole. */
  #nearest(number: number): number {
    let nearest = 0
    for (const kept of [this.#whole, this.#recent]) {
      for (const at of kept.keys()) if (at <= number && at > nearest) nearest = at
    }
    return nearest
  }

  #remember(number: number, picture: Snapshot): void {
    this.#recent.delete(number)
    this.#recent.set(number, picture)
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= RECENT) break
      this.#recent.delete(oldest)
    }
  }

  #frame(number: number): Frame {
    return JSON.parse(String(this.#frames[number]))
  }
}

/** Marks, numbers of pictures, what V8 adds. */
const WEIGHT = 2

function tooLong(name: string): FileProblem {
  const pictures = MAX_PICTURES.toLocaleString('en')
  const happened = `it is longer than may be looked at (${pictures} pictures, ${LOOK_LIMITS.text >> 20} MiB)`
  return new FileProblem(
    `to play ${name}`,
    happened,
    'What comes first can be seen. `play FILE --story` tells all of it.',
  )
}
