/**
 * A recording that is looked at: any of its pictures, at once. Held as the lines of its file, with a whole picture every
 * few megabytes of them, so that neither going somewhere nor being there costs much.
 */
import type { Snapshot } from '../../contract/model.ts'
import type { Timeline } from '../../contract/snapshots.ts'
import { FileProblem } from './file-problem.ts'
import { READ_LIMITS, type ReadLimits } from './read.ts'
import { applied, type Frame } from './recording.ts'
import { recordedPictures } from './recording-file.ts'
import { TimelineMarks } from './timeline.ts'

/** Of a recording that is looked at, all lines stand in memory; a longer one is shown as far as this. */
const LOOK_LIMITS: ReadLimits = { ...READ_LIMITS, text: 256 << 20 }
/** Pictures that were asked for last: who plays it asks for each with the one before. */
const RECENT = 8
/** Bytes of lines between two pictures that are kept whole: what one seek may have to read. */
const STRIDE_BYTES = 4 << 20

export class OpenedRecording {
  readonly timeline: Timeline
  /** Line of each picture; the first is a whole one, and kept as such. They were checked when they were read. */
  readonly #lines: readonly Buffer[]
  /** Whole pictures by number, the first among them. */
  readonly #whole: ReadonlyMap<number, Snapshot>
  /** The newest last. */
  readonly #recent = new Map<number, Snapshot>()

  private constructor(lines: readonly Buffer[], whole: ReadonlyMap<number, Snapshot>, timeline: Timeline) {
    this.#lines = lines
    this.#whole = whole
    this.timeline = timeline
  }

  /** Reads all of it. Throws a FileProblem where not even the first picture can be had; what is wrong later is in the time line. */
  static async read(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    limits: ReadLimits = LOOK_LIMITS,
  ): Promise<OpenedRecording> {
    const pictures = recordedPictures(name, bytes, limits)
    const lines: Buffer[] = []
    const whole = new Map<number, Snapshot>()
    const takenAt: string[] = []
    const marks = new TimelineMarks()
    let before: Snapshot | null = null
    let sinceWhole = 0
    for (;;) {
      const next = await pictures.next()
      if (next.done) {
        const problem = next.value.problem?.data ?? null
        return new OpenedRecording(lines, whole, { takenAt, ...marks.all(), problem })
      }
      const { picture, line } = next.value
      const text: Buffer = before === null ? Buffer.alloc(0) : Buffer.from(line)
      sinceWhole += text.byteLength
      if (before === null || sinceWhole > STRIDE_BYTES) {
        whole.set(lines.length, picture)
        sinceWhole = 0
      }
      if (before !== null) marks.add(lines.length, before, picture)
      lines.push(text)
      takenAt.push(picture.takenAt)
      before = picture
    }
  }

  /** Number of pictures, at least one. */
  get length(): number {
    return this.#lines.length
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
    const nearest = Math.max(...[...this.#whole.keys(), ...this.#recent.keys()].filter((at) => at <= number))
    let picture = this.#recent.get(nearest) ?? this.#whole.get(nearest)
    if (picture === undefined) throw new Error('a recording without its first picture')
    this.#remember(nearest, picture)
    for (let at = nearest + 1; at <= number; at++) {
      picture = applied(picture, this.#frame(at))
      this.#remember(at, picture)
    }
    return picture
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
    return JSON.parse(String(this.#lines[number]))
  }
}
