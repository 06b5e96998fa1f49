/**
 * Opens saved files and trusts nothing in them: size, compression, JSON and every value are checked as the bytes
 * arrive, and the first error is named. Nothing after it is looked at.
 */
import { getHeapStatistics } from 'node:v8'
import { z } from 'zod'
import { SNAPSHOT_SCHEMA } from '../../contract/constants.ts'
import { memberId } from '../../contract/ids.ts'
import { Group, Snapshot } from '../../contract/model.ts'
import { TimeSlice } from '../common/time-slice.ts'
import { damaged, fileBytes, READ_LIMITS, type ReadLimits, textBytes } from './file-bytes.ts'
import { FileError, toFileError } from './file-error.ts'
import { JsonFault, type JsonPiece, JsonPieces } from './json-pieces.ts'
import { RECORDING_SCHEMA, RecordingFrame, RecordingHead } from './recording.ts'

/** The kind of a file. */
export type FileKind = 'snapshot' | 'recording'

/**
 * A file, checked, part by part: elements of a list of the current object, then, as its end, everything in it that is
 * not a list. A recording begins with its head, followed by a snapshot and any number of frames.
 */
export type CheckedPart =
  | { readonly list: string; readonly values: readonly unknown[] }
  | {
      readonly end: 'head' | 'snapshot' | 'frame'
      readonly rest: object /** Bytes of heap that all of it takes, about. */
      readonly weight: number
    }

/** Bytes that a value takes in the heap, approximately: measured on snapshots of all kinds, 25 to 30. */
const VALUE_BYTES = 32

/** What a snapshot may take of this process's heap: a third of it, and on a small machine at least this. */
export function maxHeapBytes(): number {
  return Math.max(256 << 20, getHeapStatistics().heap_size_limit * 0.3)
}

/** Opens a snapshot. Throws a FileError that says what is wrong and where. */
export async function readSnapshot(path: string, limits: ReadLimits = READ_LIMITS): Promise<Snapshot> {
  return snapshotOf(path, fileBytes(path, limits), limits)
}

/** The snapshot in these bytes, plain or compressed. Throws a FileError. */
export function snapshotOf(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits = READ_LIMITS,
): Promise<Snapshot> {
  return snapshotFrom(checkedParts(name, bytes, { wanted: 'snapshot', limits }))
}

/** The snapshot in these parts. */
export async function snapshotFrom(parts: AsyncIterable<CheckedPart>): Promise<Snapshot> {
  const lists = new Lists()
  let snapshot: Snapshot | null = null
  // Up to the end of the file: something may follow.
  for await (const part of parts) {
    if ('list' in part) lists.add(part)
    else snapshot = lists.snapshot(part.rest)
  }
  if (snapshot === null) throw new Error('a snapshot without an end')
  return snapshot
}

/** Collects the lists of an object, part by part. */
export class Lists {
  #lists: Record<string, unknown[]> = {}

  add({ list, values }: { readonly list: string; readonly values: readonly unknown[] }): void {
    const known = this.#lists[list]
    if (known === undefined) this.#lists[list] = [...values]
    else for (const value of values) known.push(value)
  }

  /** The snapshot that they belong to; clears them. */
  snapshot(rest: object): Snapshot {
    return this.#whole(rest) as Snapshot
  }

  /** The frame that they belong to; clears them. */
  frame(rest: object): RecordingFrame {
    return this.#whole(rest) as RecordingFrame
  }

  /** `checkedParts` has checked all of it against the schema of its kind. */
  #whole(rest: object): object {
    const whole = { ...rest, ...this.#lists }
    this.#lists = {}
    return whole
  }
}

export type ReadOptions = {
  /** Any other kind is refused. Without it, both are accepted. */
  readonly wanted?: FileKind
  readonly limits?: ReadLimits
  readonly signal?: AbortSignal | undefined
  /** Bytes of heap that one object may take. */
  readonly heap?: number
}

/**
 * The parts of a file, checked. Yields to other work on this thread in between. Throws a FileError with the place of
 * the first error; everything before it was given.
 */
export async function* checkedParts(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  { wanted, limits = READ_LIMITS, signal, heap = maxHeapBytes() }: ReadOptions = {},
): AsyncGenerator<CheckedPart> {
  const operation = `${wanted === 'recording' ? 'playing' : 'opening'} ${name}`
  const pieces = new JsonPieces()
  const file = new CheckedFile(operation, wanted)
  const slice = new TimeSlice()
  try {
    for await (const chunk of textBytes(operation, bytes, limits)) {
      for (const piece of pieces.push(chunk)) {
        const weight = pieces.values * VALUE_BYTES + pieces.bytes
        if (weight > heap) throw tooMuch(operation)
        const part = file.take(piece, pieces.line, weight)
        if (part !== null) yield part
        if (slice.expired) await slice.next()
        signal?.throwIfAborted()
      }
      // Some chunks complete no piece.
      if (slice.expired) await slice.next()
      signal?.throwIfAborted()
    }
  } catch (error) {
    if (signal?.aborted) throw error
    if (error instanceof JsonFault) throw file.problem(error.message, error.hint, pieces.line)
    throw toFileError(operation, error)
  }
  if (!pieces.whole || !file.whole) throw file.cut()
}

type Schema = {
  readonly of: 'head' | 'snapshot' | 'frame'
  readonly all: z.ZodType
  readonly names: readonly string[]
  /** The schema of the elements of each of its lists. */
  readonly lists: ReadonlyMap<string, z.ZodType>
}

const SCHEMAS = {
  snapshot: schemaOf('snapshot', Snapshot),
  head: schemaOf('head', RecordingHead),
  frame: schemaOf('frame', RecordingFrame),
}

function schemaOf(of: Schema['of'], all: z.ZodObject): Schema {
  const lists = new Map<string, z.ZodType>()
  for (const [key, field] of Object.entries(all.shape)) {
    const inner = field instanceof z.ZodOptional ? field.unwrap() : field
    if (inner instanceof z.ZodArray && inner.element instanceof z.ZodType) lists.set(key, inner.element)
  }
  return { of, all, lists, names: Object.keys(all.shape) }
}

/** Every name that one of our objects has at the top level. */
const KNOWN = new Set(Object.values(SCHEMAS).flatMap(({ names }) => names))

const PLAY_IT = 'Play it: `reuseport-inspector play FILE`.'
const OTHER_FILE = 'Open a file that `snapshot save` wrote.'
const COPY = 'If you have a copy, open that.'
const BEFORE_IT_HINT = 'Everything before it can be shown.'

/** The state of reading a file. */
class CheckedFile {
  /** Complete objects so far. */
  objects = 0
  readonly #asked: string
  readonly #wanted: FileKind | undefined
  #schema: Schema = SCHEMAS.snapshot
  #kind: FileKind | null = null
  /** The top-level values of the current object, without the elements of lists. */
  #top = new Map<string, unknown>()
  #ids = new Set<string>()

  constructor(operation: string, wanted: FileKind | undefined) {
    this.#asked = operation
    this.#wanted = wanted
  }

  /** True where the file may end. */
  get whole(): boolean {
    return this.#kind === 'snapshot' ? this.objects === 1 : this.objects >= 2
  }

  /** Adds a piece. Throws where it is not valid in this place. */
  take(piece: JsonPiece, line: number, weight: number): CheckedPart | null {
    if (this.#kind === 'snapshot' && this.objects === 1)
      throw new JsonFault(`there is data after its end, at line ${line}`)
    if (piece.kind === 'end') return this.#end(line, weight)
    if (piece.kind === 'element') return this.#element(piece, line)
    // Fields that a newer program of the same version added are left alone.
    if (!KNOWN.has(piece.key)) return null
    if (this.#top.has(piece.key)) throw this.#invalid(`"${piece.key.slice(0, 100)}" appears twice`, line)
    this.#top.set(piece.key, piece.kind === 'list' ? [] : piece.value)
    if (this.objects === 0 && piece.key === 'schema') this.#checkSchema(piece.kind === 'value' ? piece.value : null)
    return null
  }

  #element({ key, at, value }: JsonPiece & { kind: 'element' }, line: number): CheckedPart | null {
    const element = this.#schema.lists.get(key)
    if (element === undefined) return null
    const checked = element.safeParse(value)
    if (!checked.success) throw this.#invalid(placeOf(`${key}[${at}]`, checked.error), line)
    if (element === Group) this.#checkNames(checked.data as Group, `${key}[${at}]`, line)
    return { list: key, values: [checked.data] }
  }

  #end(line: number, weight: number): CheckedPart {
    if (this.#kind === null) this.#checkSchema(this.#top.get('schema'))
    const checked = this.#schema.all.safeParse(Object.fromEntries(this.#top))
    if (!checked.success) throw this.#invalid(placeOf('', checked.error), line)
    // Its lists are still as they began: empty.
    const part: CheckedPart = { end: this.#schema.of, rest: checked.data as object, weight }
    this.#top = new Map()
    this.#ids = new Set()
    this.objects++
    if (this.#kind === 'recording') this.#schema = this.objects === 1 ? SCHEMAS.snapshot : SCHEMAS.frame
    return part
  }

  /** Ids of groups, and names of a group's members, must be unique: everything is looked up by them. */
  #checkNames({ id, members }: Group, where: string, line: number): void {
    if (this.#ids.has(id)) throw this.#invalid(`${where}.id: ${id} appears twice`, line)
    this.#ids.add(id)
    const ids = new Set<string>()
    for (const [place, member] of members.entries()) {
      const name = memberId(member)
      if (ids.has(name)) {
        throw this.#invalid(`${where}.members[${place}].cookie: ${name} appears twice`, line)
      }
      ids.add(name)
    }
  }

  #checkSchema(schema: unknown): void {
    this.#kind = kindOf(this.#asked, schema, this.#wanted)
    this.#schema = this.#kind === 'recording' ? SCHEMAS.head : SCHEMAS.snapshot
  }

  #invalid(what: string, line: number): FileError {
    return this.problem(`it is not a valid ${this.#kind ?? 'snapshot'}: ${what}`, COPY, line)
  }

  /** In a recording that has snapshots already, those remain. */
  problem(cause: string, hint: string, line: number): FileError {
    return this.objects < 2
      ? new FileError(this.#asked, cause, hint)
      : new FileError(this.#asked, `it is damaged at line ${line}: ${cause}`, BEFORE_IT_HINT)
  }

  /** The file ended too early. */
  cut(): FileError {
    if (this.objects >= 2)
      return new FileError(this.#asked, 'it is truncated: its last snapshot is incomplete', BEFORE_IT_HINT)
    const what = this.#kind === 'recording' ? 'even its first snapshot is incomplete' : 'its JSON ends too early'
    return damaged(this.#asked, `it is truncated: ${what}`)
  }
}

/** The kind that the schema of a file states. Throws where it is unknown, or not the wanted one. */
function kindOf(operation: string, schema: unknown, wanted: FileKind | undefined): FileKind {
  const [, kind = '', version = ''] =
    (typeof schema === 'string' ? /^reuseport-inspector\/([a-z]{1,20})\/(\d{1,6})$/.exec(schema) : null) ?? []
  if (kind === '') {
    throw new FileError(operation, 'not a Reuseport Inspector file (unknown schema)', OTHER_FILE)
  }
  if ((kind !== 'snapshot' && kind !== 'recording') || (wanted !== undefined && kind !== wanted)) {
    const hint = kind === 'recording' ? PLAY_IT : kind === 'snapshot' ? 'Use `show FILE`.' : OTHER_FILE
    throw new FileError(operation, `it is a ${kind}, not a ${wanted ?? 'snapshot'}`, hint)
  }
  if (schema === (kind === 'snapshot' ? SNAPSHOT_SCHEMA : RECORDING_SCHEMA)) return kind
  if (Number(version) > 1) {
    throw new FileError(
      operation,
      `it has version ${version}, written by a newer program; this one reads version 1`,
      'Open it with the program that wrote it, or a newer one.',
    )
  }
  throw new FileError(operation, `it has the unknown version ${version}`, OTHER_FILE)
}

/** The first error and its place: `groups[3].members[0].cookie: invalid string`. */
function placeOf(top: string, error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'a value is invalid'
  const path = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  const message = issue.message.replace(/^Invalid input: /, '')
  return `${`${top}${path}`.replace(/^\./, '').slice(0, 200) || 'the whole file'}: ${message.slice(0, 200)}`
}

function tooMuch(operation: string): FileError {
  return new FileError(
    operation,
    'it is too large for the available memory',
    'Save fewer groups into one file, with filters such as --port.',
  )
}
