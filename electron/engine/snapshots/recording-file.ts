/**
 * Recordings on disk: lines of JSON (NDJSON), each complete, so that a truncated file is readable up to the cut. A
 * compressed one is flushed after each line for the same reason.
 */
import { constants, createGzip, type Gzip } from 'node:zlib'
import type { Problem } from '../../contract/errors.ts'
import type { Snapshot } from '../../contract/model.ts'
import { isGzipName } from './encode.ts'
import { PlacedFile } from './file.ts'
import { READ_LIMITS, type ReadLimits } from './file-bytes.ts'
import { FileError, toFileError } from './file-error.ts'
import { type CheckedPart, checkedParts, Lists } from './read.ts'
import { difference, RECORDING_SCHEMA, type RecordingFrame, type RecordingHead } from './recording.ts'
import { type GroupStep, RecordingState } from './recording-state.ts'

/** A recording that is being written. It is in its place from the first snapshot on. */
export class RecordingWriter {
  frames = 0
  readonly #file: PlacedFile
  readonly #path: string
  readonly #compression: LineCompression | null
  #last: Snapshot | null = null

  private constructor(file: PlacedFile, path: string) {
    this.#file = file
    this.#path = path
    this.#compression = isGzipName(path) ? new LineCompression() : null
  }

  /** Throws a FileError where the file cannot be created, or exists and may not be replaced. */
  static async create(path: string, options: { force: boolean }): Promise<RecordingWriter> {
    return new RecordingWriter(await PlacedFile.create(path, options.force), path)
  }

  /** Continues a recording that ends with `last`, in a file that was opened again. */
  static resume(file: PlacedFile, path: string, last: Snapshot, frames: number): RecordingWriter {
    const writer = new RecordingWriter(file, path)
    writer.#last = last
    writer.frames = frames
    return writer
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#file.bytes
  }

  /**
   * Adds a snapshot: the first one complete, of later ones only the changes. Throws a FileError; what was written
   * stays.
   */
  async add(snapshot: Snapshot, intervalMs: number): Promise<void> {
    try {
      if (this.#last === null) {
        const head: RecordingHead = { schema: RECORDING_SCHEMA, startedAt: snapshot.takenAt, intervalMs }
        await this.#line(head)
        await this.#line(snapshot)
        await this.#file.place()
      } else {
        await this.#line(difference(this.#last, snapshot))
      }
    } catch (error) {
      throw toFileError(`writing ${this.#path}`, error)
    }
    this.#last = snapshot
    this.frames++
  }

  /** Ends it. Without any snapshot there is no file. */
  async end(): Promise<void> {
    try {
      if (this.#last === null) return
      if (this.#compression !== null) await this.#file.write(await this.#compression.end())
      await this.#file.flush()
    } catch (error) {
      throw toFileError(`writing ${this.#path}`, error)
    } finally {
      if (this.#last === null) await this.#file.abandon()
      else await this.#file.close()
    }
  }

  async #line(value: unknown): Promise<void> {
    const text = `${JSON.stringify(value)}\n`
    await this.#file.write(this.#compression === null ? text : await this.#compression.line(text))
  }
}

/** Gzip that returns all of a line before it takes the next. */
class LineCompression {
  readonly #gzip: Gzip = createGzip({ level: 3 })
  #chunks: Uint8Array[] = []

  constructor() {
    this.#gzip.on('data', (chunk: Uint8Array) => this.#chunks.push(chunk))
  }

  line(text: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#gzip.once('error', reject)
      this.#gzip.write(text, () => {
        this.#gzip.flush(constants.Z_SYNC_FLUSH, () => {
          this.#gzip.off('error', reject)
          resolve(this.#taken())
        })
      })
    })
  }

  end(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#gzip.once('error', reject)
      this.#gzip.once('end', () => resolve(this.#taken()))
      this.#gzip.end()
    })
  }

  #taken(): Uint8Array {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = []
    return all
  }
}

/** How a recording ended: complete, truncated in the middle of a line, or damaged at one. */
export type RecordingEnd = { readonly frames: number; readonly problem: Problem | null }

/** One snapshot of a recording, and what changed since the previous one. */
export type RecordedSnapshot = {
  /** Changes with the next one. */
  readonly state: RecordingState
  /** null for the first one. */
  readonly frame: RecordingFrame | null
  readonly steps: readonly GroupStep[]
}

/** A recording may be longer than anything else: only one snapshot of it is in memory. */
export const PLAY_LIMITS: ReadLimits = { ...READ_LIMITS, text: Number.MAX_SAFE_INTEGER }

/** Sockets of one snapshot in a recording: more than one snapshot file may hold. */
const MAX_SOCKETS = 2_000_000

/** The snapshots of a recording, in order, each complete. A truncated or damaged recording is played up to there. */
export async function* playRecording(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits = PLAY_LIMITS,
): AsyncGenerator<Snapshot, RecordingEnd> {
  const snapshots = recordedSnapshots(name, checkedParts(name, bytes, { wanted: 'recording', limits }))
  try {
    for (;;) {
      const next = await snapshots.next()
      if (next.done) return next.value
      yield next.value.state.snapshot()
    }
  } finally {
    // Where the reader leaves early, the file is closed.
    await snapshots.return({ frames: 0, problem: null })
  }
}

/**
 * The snapshots of a recording, in order. Parts are taken as needed, and one snapshot is in memory. A truncated or
 * damaged recording is played up to there, and the return value says so. Throws a FileError where not even the first
 * snapshot is readable.
 */
export async function* recordedSnapshots(
  name: string,
  parts: AsyncIterable<CheckedPart>,
): AsyncGenerator<RecordedSnapshot, RecordingEnd> {
  const asked = `playing ${name}`
  const lists = new Lists()
  let state: RecordingState | null = null
  let frames = 0
  try {
    for await (const part of parts) {
      if ('list' in part) {
        lists.add(part)
        continue
      }
      if (part.end === 'head') continue
      let frame: RecordingFrame | null = null
      let steps: GroupStep[] = []
      if (state === null) state = new RecordingState(lists.snapshot(part.rest))
      else {
        frame = lists.frame(part.rest)
        steps = state.apply(frame)
        if (state.sockets > MAX_SOCKETS) throw tooMany(asked)
      }
      frames++
      yield { state, frame, steps }
    }
  } catch (error) {
    const failure = toFileError(asked, error)
    if (state === null) throw failure
    return { frames, problem: failure.problem }
  }
  return { frames, problem: null }
}

function tooMany(asked: string): FileError {
  return new FileError(asked, 'its snapshots hold too many sockets', 'Everything before it can be shown.')
}
