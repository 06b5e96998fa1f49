/**
 * Keeps what an engine remembers over restarts: a recording that grows while it runs, and is read when it starts, beside
 * everything else. At half of the allowed size, or after a day, it becomes FILE.1, in place of the one before.
 */
import { rename } from 'node:fs/promises'
import type { Snapshot } from '../../../contract/model.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { readHost } from '../../collect/host.ts'
import { EngineError } from '../../common/errors.ts'
import { TimeSlice } from '../../common/time-slice.ts'
import {
  checkRecording,
  FileError,
  isGzipName,
  playedTo,
  type RaisedBefore,
  type RecordingState,
  RecordingWriter,
  resumeRecording,
  startOfRecording,
  type TakeRecorded,
  unwatchedEvent,
} from '../../snapshots/index.ts'
import type { FrameSource } from '../live-snapshot.ts'
import { Memory } from '../memory.ts'
import { FileLock } from './file-lock.ts'
import { GrowingSnapshot } from './growing-snapshot.ts'
import { Recall } from './recall.ts'
import { HISTORY_MS } from './tracks.ts'

/** Milliseconds between two snapshots, unless an event comes first. */
const STEP_MS = 3500
/** What takes little space is not kept forever either, because it has to be read at the start. */
const MAX_AGE_MS = 24 * 3_600_000

export type HistoryFileOptions = {
  /** Of both files together. */
  readonly maxBytes: number
  /** For what went wrong, and does not end the engine. */
  readonly report: (message: string) => void
}

export class HistoryFile {
  /** Filled with what the files had once they are read; with their events once a frame was observed. */
  readonly memory = new Memory()
  /** Called with the first frame, and the findings that were raised at the end of the file. */
  onResume: ((raised: readonly RaisedBefore[]) => void) | null = null
  readonly #path: string
  readonly #lock: FileLock
  readonly #options: HistoryFileOptions
  readonly #now = new GrowingSnapshot()
  #recall: Recall | null
  #writer: RecordingWriter | null = null
  /** When the file began, in milliseconds since 1970. */
  #beganAt = Date.now()
  /** The end of the file of an earlier engine, until the first frame. */
  #before: RecordingState | null = null
  /** The last snapshot in the file; null before the first. */
  #last: Snapshot | null = null
  /** The time of the last frame that was taken, and the revision of the log then. */
  #takenAt = Number.NEGATIVE_INFINITY
  #revision = 0
  #writing: Promise<void> | null = null
  #failing = false
  #reading: Promise<void> | null = null
  readonly #closing = new AbortController()

  private constructor(path: string, lock: FileLock, options: HistoryFileOptions) {
    this.#path = path
    this.#lock = lock
    this.#options = options
    this.#recall = new Recall(this.memory, Date.now(), readHost().bootId)
  }

  /**
   * Takes the file, where there is one, to continue it: `read` does. Throws a FileError where it is something else, or
   * another process continues it.
   */
  static async open(path: string, options: HistoryFileOptions): Promise<HistoryFile> {
    if (isGzipName(path)) {
      throw new FileError(`keeping the history in ${path}`, 'it would be compressed', 'Name a file without .gz.')
    }
    const file = new HistoryFile(path, await FileLock.take(path), options)
    try {
      if ((await startOfRecording(path)) !== null) await checkRecording(path)
      return file
    } catch (error) {
      await file.#lock.release()
      throw error
    }
  }

  /**
   * Reads what earlier engines wrote into the memory, in time slices. Resolves when it is there, also where it cannot be
   * read to the end, which is reported. Nothing may be observed before.
   */
  read(): Promise<void> {
    this.#reading ??= this.#readAll().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#report(error)
    })
    return this.#reading
  }

  /** Takes every frame, in order, before anything else remembers it. Its memory must be valid meanwhile. */
  async observe(frame: FrameView, source: FrameSource): Promise<void> {
    const at = frame.takenAt.getTime()
    const { revision } = this.memory.log
    if (this.#writing !== null || (at - this.#takenAt < STEP_MS && revision === this.#revision)) return
    this.#takenAt = at
    const snapshot = await this.#now.take(frame, source)
    if (this.#recall !== null) this.#resume(this.#recall, snapshot)
    this.#revision = this.memory.log.revision
    this.#writing = this.#write(snapshot, at)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#reading
    await this.#writing
    await this.#writer?.end().catch(() => undefined)
    await this.#lock.release()
  }

  async #readAll(): Promise<void> {
    const recall = this.#recall
    if (recall === null) return
    const slice = new TimeSlice()
    const take: TakeRecorded = async (recorded) => {
      this.#closing.signal.throwIfAborted()
      recall.take(recorded)
      if (slice.expired) await slice.next()
    }
    const began = await startOfRecording(this.#path)
    // A file that has just begun continues the older one.
    if (began === null || Date.now() - began < HISTORY_MS) {
      await playedTo(`${this.#path}.1`, take).catch((error: unknown) => {
        this.#closing.signal.throwIfAborted()
        this.#report(error)
      })
    }
    if (began === null) return
    this.#beganAt = began
    const { state, writer, problem } = await resumeRecording(this.#path, take)
    this.#before = state
    const last = state.snapshot()
    this.#last = last
    this.#writer = writer
    const { bootId, hostname } = readHost()
    if (problem !== null) {
      this.#options.report(
        `${this.#path} is damaged: ${problem.cause}. It is kept as ${this.#path}.1, and a new one begins.`,
      )
    }
    // The head of a recording says which machine and boot it is of.
    if (problem !== null || last.host.bootId !== bootId || last.host.hostname !== hostname) await this.#rotate()
  }

  /** Finds what happened since the file ended, and remembers its events. */
  #resume(recall: Recall, snapshot: Snapshot): void {
    this.#recall = null
    const { events } = recall
    const last = this.#last
    const before = this.#before
    this.#before = null
    const sameBoot = last?.host.bootId === snapshot.host.bootId
    if (sameBoot && before !== null) recall.resume(before, snapshot)
    events.finish()
    this.memory.log.recall(events.all)
    if (last !== null && !sameBoot) {
      this.memory.log.put(unwatchedEvent(Date.parse(last.takenAt), Date.parse(snapshot.takenAt), null))
      this.#last = null
    }
    this.onResume?.(sameBoot ? events.raised() : [])
  }

  async #write(snapshot: Snapshot, at: number): Promise<void> {
    try {
      const full = this.#writer !== null && this.#writer.bytes >= this.#options.maxBytes / 2
      if (full || (this.#writer !== null && at - this.#beganAt >= MAX_AGE_MS)) await this.#rotate()
      if (this.#writer === null) {
        this.#beganAt = at
        this.#writer = await RecordingWriter.create(this.#path, { force: false })
        // Nothing is lost between the two files.
        if (this.#last !== null) await this.#writer.add(this.#last, STEP_MS)
      }
      await this.#writer.add(snapshot, STEP_MS)
      this.#last = snapshot
      this.#failing = false
    } catch (error) {
      if (!this.#failing) this.#report(error)
      this.#failing = true
    } finally {
      this.#writing = null
    }
  }

  async #rotate(): Promise<void> {
    await this.#writer?.end()
    this.#writer = null
    await rename(this.#path, `${this.#path}.1`)
  }

  #report(error: unknown): void {
    const { problem } = error instanceof EngineError ? error : { problem: null }
    const text = problem === null ? String(error) : `${problem.operation}: ${problem.cause}. ${problem.hint ?? ''}`
    this.#options.report(`The history is not complete: ${text.trim()}`)
  }
}
