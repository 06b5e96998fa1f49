/** The recording for the pages of an engine: one at a time, in the folder of the snapshots. */
import type { RecordingState } from '../../contract/snapshots.ts'
import { problemOfError } from '../problems.ts'
import { FileProblem, fileProblem } from './file-problem.ts'
import type { SnapshotLibrary } from './library.ts'
import { type RecordingPlan, recordPictures } from './record-pictures.ts'
import type { RecordingWriter } from './recording-file.ts'

/** Maximum size: hours of a busy machine, days of an ordinary one. */
const MOST_BYTES = 128 << 20

type Running = {
  readonly id: string
  readonly writer: RecordingWriter
  readonly end: AbortController
  /** Resolves when the file is closed. Never rejects: an error is in the state. */
  readonly ended: Promise<void>
}

export class RecordingDesk {
  readonly #library: SnapshotLibrary
  readonly #picture: RecordingPlan['picture']
  #state: Omit<RecordingState, 'pictures' | 'bytes'> | null = null
  #writer: RecordingWriter | null = null
  #running: Running | null = null

  constructor(library: SnapshotLibrary, picture: RecordingPlan['picture']) {
    this.#library = library
    this.#picture = picture
  }

  /** The state of the current or last recording; null before the first. */
  get state(): RecordingState | null {
    if (this.#state === null || this.#writer === null) return null
    return { ...this.#state, pictures: this.#writer.frames, bytes: this.#writer.bytes }
  }

  /** Starts one. Throws a FileProblem where one is running, or its file cannot be created. */
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
    this.#state = { running: true, name, file, startedAt, mostBytes: MOST_BYTES, problem: null }
    this.#writer = writer
    const end = new AbortController()
    const ended = this.#record(writer, intervalMs, end.signal)
    this.#running = { id, writer, end, ended }
    return { ...this.#state, pictures: 0, bytes: 0 }
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
    throw new FileProblem(
      'starting a recording',
      `"${this.#state?.name}" is being recorded`,
      'Stop that recording first.',
    )
  }

  async #record(writer: RecordingWriter, intervalMs: number, signal: AbortSignal): Promise<void> {
    let problem: RecordingState['problem'] = null
    try {
      const plan = { picture: this.#picture, owners: true, intervalMs, maxBytes: MOST_BYTES, signal }
      if ((await recordPictures(writer, plan)) === 'size') {
        const happened = `the file has reached its maximum size of ${MOST_BYTES >> 20} MiB`
        problem = { asked: 'continuing the recording', happened, remedy: 'Start another one.' }
      }
    } catch (error) {
      problem = error instanceof FileProblem ? error.data : problemOfError('continuing the recording', error)
    }
    try {
      await writer.end()
    } catch (error) {
      problem ??= fileProblem('closing the recording', error).data
    }
    this.#running = null
    if (this.#state !== null) this.#state = { ...this.#state, running: false, problem }
  }
}
