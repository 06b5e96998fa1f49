/**
 * Recordings on disk: lines of JSON (NDJSON), each complete, so that what was written before a cut can be read. A
 * compressed one is flushed after each line, for the same reason.
 */
import { constants, createGzip, type Gzip } from 'node:zlib'
import type { Snapshot } from '../../contract/model.ts'
import { isGzipName } from './encode.ts'
import { PlacedFile } from './file.ts'
import { FileProblem, fileProblem } from './file-problem.ts'
import { checkSchema, checkSnapshot, isKind, parseJson, READ_LIMITS, type ReadLimits, textBytes } from './read.ts'
import { applied, difference, Frame, RECORDING_SCHEMA, RecordingHead } from './recording.ts'

/** A recording that is being written. It stands in its place from the first snapshot on. */
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

  /** Throws a FileProblem where the file cannot be made, or is there and may not be replaced. */
  static async create(path: string, options: { force: boolean }): Promise<RecordingWriter> {
    return new RecordingWriter(await PlacedFile.create(path, options.force), path)
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#file.bytes
  }

  /** Adds a picture: the first one whole, of the others what changed. Throws a FileProblem; what was written before stays. */
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
      throw fileProblem(`to write ${this.#path}`, error)
    }
    this.#last = snapshot
    this.frames++
  }

  /** Ends it. Without any picture there is no file. */
  async end(): Promise<void> {
    try {
      if (this.#last === null) return
      if (this.#compression !== null) await this.#file.write(await this.#compression.end())
      await this.#file.flush()
    } catch (error) {
      throw fileProblem(`to write ${this.#path}`, error)
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

/** Gzip that gives back all of a line before the next is put in. */
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

/** How a recording ended: as it should, or cut in the middle of a line, or damaged at one. */
export type RecordingEnd = { readonly frames: number; readonly problem: FileProblem | null }

/** A picture, whole, and the line of the file that made it of the one before. */
export type RecordedPicture = { readonly picture: Snapshot; readonly line: string }

/** A recording may be longer than anything else: only one picture of it is kept. */
const PLAY_LIMITS: ReadLimits = { ...READ_LIMITS, text: Number.MAX_SAFE_INTEGER }

/** The pictures of a recording, in order, each whole. As `recordedPictures`, for who does not go back. */
export async function* playRecording(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits = PLAY_LIMITS,
): AsyncGenerator<Snapshot, RecordingEnd> {
  const pictures = recordedPictures(name, bytes, limits)
  try {
    for (;;) {
      const next = await pictures.next()
      if (next.done) return next.value
      yield next.value.picture
    }
  } finally {
    // Where the reader leaves early, the file is closed.
    await pictures.return({ frames: 0, problem: null })
  }
}

/**
 * The pictures of a recording, in order, each whole. Bytes are taken as they are needed, one picture is kept. What is
 * cut or damaged is played up to there, and the return value says so. Throws a FileProblem where not even the first
 * picture can be had.
 */
export async function* recordedPictures(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits = PLAY_LIMITS,
): AsyncGenerator<RecordedPicture, RecordingEnd> {
  const asked = `to play ${name}`
  const lines = linesOf(asked, textBytes(asked, bytes, limits, 'take'))
  let picture: Snapshot | null = null
  let frames = 0
  let number = 0
  try {
    for await (const { text, whole } of lines) {
      number++
      if (number === 1) {
        if (isKind(text, 'snapshot'))
          throw new FileProblem(asked, 'it is a snapshot, not a recording', 'Use `show FILE`.')
        const value = parseJson(asked, text)
        checkSchema(asked, value, RECORDING_SCHEMA)
        if (!RecordingHead.safeParse(value).success) throw wrongLine(asked, number)
        continue
      }
      if (!whole) throw cut(asked, frames)
      if (picture === null) picture = checkSnapshot(`${name}, line ${number}`, parseJson(asked, text))
      else {
        const frame = Frame.safeParse(parseJson(asked, text))
        if (!frame.success) throw wrongLine(asked, number)
        picture = applied(picture, frame.data)
      }
      frames++
      yield { picture, line: text }
    }
  } catch (error) {
    const problem = fileProblem(asked, error)
    if (picture === null) throw problem
    return { frames, problem }
  }
  if (picture === null) throw cut(asked, frames)
  return { frames, problem: null }
}

/** Characters of one line: a whole picture of a million sockets. */
const LONGEST_LINE = 500 << 20

async function* linesOf(
  asked: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ text: string; whole: boolean }> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let pieces: string[] = []
  let length = 0
  for await (const chunk of bytes) {
    let text: string
    try {
      text = decoder.decode(chunk, { stream: true })
    } catch {
      throw new FileProblem(asked, 'it is not text (UTF-8)', null)
    }
    for (let from = 0; from < text.length; ) {
      const end = text.indexOf('\n', from)
      const piece = text.slice(from, end < 0 ? text.length : end)
      pieces.push(piece)
      length += piece.length
      if (length > LONGEST_LINE) throw new FileProblem(asked, 'one of its lines is too long', null)
      if (end < 0) break
      yield { text: pieces.join(''), whole: true }
      pieces = []
      length = 0
      from = end + 1
    }
  }
  if (length > 0) yield { text: pieces.join(''), whole: false }
}

function cut(asked: string, frames: number): FileProblem {
  if (frames === 0) return new FileProblem(asked, 'it is cut: not even its first picture is whole', NO_PART)
  return new FileProblem(asked, 'it is cut: its last picture is not whole', 'What came before it can be seen.')
}

const NO_PART = 'If there is a copy, open that.'

function wrongLine(asked: string, number: number): FileProblem {
  return new FileProblem(asked, `it is damaged at line ${number}`, 'What came before it can be seen.')
}
