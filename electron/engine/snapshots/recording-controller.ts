/** The recording for the pages of an engine: one at a time, in the folder of the snapshots. */
import type { RecordingState } from '../../contract/snapshots.ts'
import { EngineError } from '../common/errors.ts'
import { FileError, toFileError } from './file-error.ts'
import type { SnapshotLibrary } from './library.ts'
import { type RecordingPlan, recordSnapshots } from './record-snapshots.ts'
import type { RecordingWriter } from './recording-file.ts'

/** Maximum size: hours of a busy machine, days of an ordinary one. */
const MAX_BYTES = 128 << 20

type Running = {
  readonly id: string
  readonly writer: RecordingWriter
  readonly end: AbortController
  /** Resolves when the file is closed. Never rejects: an error is in the state. */
  readonly ended: Promise<void>
}

export class RecordingController {
  readonly #library: SnapshotLibrary
  readonly #snapshot: RecordingPlan['takeSnapshot']
  #state: Omit<RecordingState, 'snapshots' | 'bytes'> | null = null
  #writer: RecordingWriter | null = null
  #running: Running | null = null

  constructor(library: SnapshotLibrary, snapshot: RecordingPlan['takeSnapshot']) {
    this.#library = library
    this.#snapshot = snapshot
  }

  /** The state of the current or last recording; null before the first. */
  get state(): RecordingState | null {
    if (this.#state === null || this.#writer === null) return null
    return { ...this.#state, snapshots: this.#writer.frames, bytes: this.#writer.bytes }
  }

  /** Starts one. Throws a FileError where one is running, or its file cannot be created. */
  async start(name: string, intervalMs: number): Promise<RecordingState> {
    this.#refuseSecond()
    const { id, file, writer } = await this.#library.createRecording(name)
    try {
      this.#refuseSecond()
    } catch (error) {
      await writer.end()
      throw error
    }
    const startedAt = new Date().toISOString()
    this.#state = { running: true, name, file, startedAt, maxBytes: MAX_BYTES, problem: null }
    this.#writer = writer
    const end = new AbortController()
    const ended = this.#record(writer, intervalMs, end.signal)
    this.#running = { id, writer, end, ended }
    return { ...this.#state, snapshots: 0, bytes: 0 }
  }

  /** Stops it and returns the id of the stored recording; null where none is running, or it has no snapshot. */
  async stop(): Promise<string | null> {
    const running = this.#running
    if (running === null) return null
    running.end.abort()
    await running.ended
    return running.writer.frames > 0 ? running.id : null
  }

  #refuseSecond(): void {
    if (this.#running === null) return
    throw new FileError(
      'starting a recording',
      `"${this.#state?.name}" is being recorded`,
      'Stop that recording first.',
    )
  }

  async #record(writer: RecordingWriter, intervalMs: number, signal: AbortSignal): Promise<void> {
    let problem: RecordingState['problem'] = null
    try {
      const plan = { takeSnapshot: this.#snapshot, owners: true, intervalMs, maxBytes: MAX_BYTES, signal }
      if ((await recordSnapshots(writer, plan)) === 'size') {
        const cause = `the file has reached its maximum size of ${MAX_BYTES >> 20} MiB`
        problem = { operation: 'continuing the recording', cause, hint: 'Start another one.' }
      }
    } catch (error) {
      problem = error instanceof EngineError ? error.problem : toFileError('continuing the recording', error).problem
    }
    try {
      await writer.end()
    } catch (error) {
      problem ??= toFileError('closing the recording', error).problem
    }
    this.#running = null
    if (this.#state !== null) this.#state = { ...this.#state, running: false, problem }
  }
}
