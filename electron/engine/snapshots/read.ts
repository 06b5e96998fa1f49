/** Opens what was saved, and trusts none of it: size, compression, JSON and every value are checked, and what is wrong is named. */

import { constants as files } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip } from 'node:zlib'
import type { z } from 'zod'
import { SNAPSHOT_SCHEMA } from '../../contract/meaning.ts'
import { Snapshot } from '../../contract/model.ts'
import { FileProblem, fileProblem } from './file-problem.ts'

export type ReadLimits = {
  /** Bytes of a file. */
  readonly file: number
  /** Bytes of JSON, after decompression. A million sockets are about 400 MB; V8 holds no text above 536 MB. */
  readonly text: number
}
export const READ_LIMITS: ReadLimits = { file: 512 << 20, text: 500 << 20 }

/** Opens a snapshot. Throws a FileProblem that says what is wrong and where. */
export async function readSnapshot(path: string, limits: ReadLimits = READ_LIMITS): Promise<Snapshot> {
  return parseSnapshot(path, await readText(path, limits))
}

/** The text of a file, decompressed where it is compressed (known by its first bytes, not by its name). */
export async function readText(path: string, limits: ReadLimits = READ_LIMITS): Promise<string> {
  const asked = `to open ${path}`
  const bytes = fileBytes(path, limits)
  try {
    return await decode(asked, bytes, limits)
  } catch (error) {
    throw fileProblem(asked, error)
  }
}

/** The bytes of a file. Throws a FileProblem for what is none, or too large. */
export async function* fileBytes(path: string, limits: ReadLimits = READ_LIMITS): AsyncGenerator<Uint8Array> {
  let handle: FileHandle
  try {
    // Without waiting for a writer where it is a pipe: that is told below.
    handle = await open(path, files.O_RDONLY | files.O_NONBLOCK)
  } catch (error) {
    throw fileProblem(`to open ${path}`, error)
  }
  try {
    const status = await handle.stat()
    if (status.isDirectory()) throw new FileProblem(`to open ${path}`, 'it is a folder (EISDIR)', 'Name a file in it.')
    if (!status.isFile()) {
      throw new FileProblem(`to open ${path}`, 'it is a device, a pipe or a socket', 'Use - to read standard input.')
    }
    if (status.size > limits.file) throw tooLarge(`to open ${path}`, status.size, limits.file)
    yield* handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })
  } finally {
    await handle.close()
  }
}

/** The text that these bytes are, UTF-8, plain or as gzip. Throws a FileProblem where they are neither, cut or too many. */
export async function decode(
  asked: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits = READ_LIMITS,
): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of textBytes(asked, bytes, limits)) chunks.push(chunk)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  try {
    for (const chunk of chunks) text += decoder.decode(chunk, { stream: true })
    return text + decoder.decode()
  } catch {
    throw damaged(asked, 'it is not text (UTF-8)')
  }
}

/**
 * The bytes behind any compression, as they come. Where they are cut it throws, or, with `cut: 'take'`, it ends and all
 * that came before was given: a stream that fails would keep back what nobody had read yet.
 */
export async function* textBytes(
  asked: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits = READ_LIMITS,
  cut: 'tell' | 'take' = 'tell',
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of decompressed(asked, bytes, limits, cut)) {
    size += chunk.byteLength
    if (size > limits.text) throw tooLarge(asked, null, limits.text)
    yield chunk
  }
}

async function* decompressed(
  asked: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
  cut: 'tell' | 'take',
): AsyncGenerator<Uint8Array> {
  const source = bounded(asked, bytes, limits)[Symbol.asyncIterator]()
  try {
    const first = await source.next()
    if (first.done) throw damaged(asked, 'it is empty')
    const rest: AsyncIterable<Uint8Array> = {
      async *[Symbol.asyncIterator]() {
        yield first.value
        for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
      },
    }
    if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* inflated(asked, rest, cut)
    else yield* rest
  } finally {
    await source.return?.(undefined)
  }
}

async function* bounded(
  asked: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > limits.file) throw tooLarge(asked, null, limits.file)
    if (chunk.byteLength > 0) yield chunk
  }
}

async function* inflated(
  asked: string,
  bytes: AsyncIterable<Uint8Array>,
  cut: 'tell' | 'take',
): AsyncGenerator<Uint8Array> {
  const finishFlush = cut === 'take' ? constants.Z_SYNC_FLUSH : constants.Z_FINISH
  const gunzip = createGunzip({ chunkSize: 256 * 1024, finishFlush })
  const fed = pipeline(Readable.from(bytes), gunzip)
  // Whatever goes wrong shows in the reading below as well.
  fed.catch(() => undefined)
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array
    await fed
  } catch (error) {
    throw gzipProblem(asked, error)
  }
}

function gzipProblem(asked: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'Z_BUF_ERROR') return damaged(asked, 'it is cut: the compressed data end too early')
  if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT') return damaged(asked, 'its compressed data are damaged')
  return error
}

/** The snapshot that this text is. Throws a FileProblem with the place of the first thing that is wrong. */
export function parseSnapshot(name: string, text: string): Snapshot {
  const asked = `to open ${name}`
  // Several lines of JSON, which are no JSON together.
  if (isKind(text, 'recording')) throw new FileProblem(asked, 'it is a recording, not a snapshot', PLAY_IT)
  return checkSnapshot(name, parseJson(asked, text))
}

/** True for text that begins as one of our files does; of a whole or a cut one. */
export function isKind(text: string, kind: 'snapshot' | 'recording'): boolean {
  return text.slice(0, 100).startsWith(`{"schema":"reuseport-inspector/${kind}/`)
}

/** A value as a snapshot. */
export function checkSnapshot(name: string, value: unknown): Snapshot {
  const asked = `to open ${name}`
  checkSchema(asked, value, SNAPSHOT_SCHEMA)
  const result = Snapshot.safeParse(value)
  if (!result.success) throw damaged(asked, `it is no snapshot as this version knows it: ${placeOf(result.error)}`)
  const twice = placeOfSecond(result.data)
  if (twice !== null) throw damaged(asked, `it is no snapshot: ${twice} stands there twice`)
  return result.data
}

/** The first name that two groups, or two members of one group, have; null where each has its own. */
function placeOfSecond({ groups }: Snapshot): string | null {
  const group = repeated(groups, ({ id }) => id)
  if (group !== null) return `groups[${group.at}].id: ${group.name}`
  for (const [at, { members }] of groups.entries()) {
    const member = repeated(members, ({ cookie }) => cookie)
    if (member !== null) return `groups[${at}].members[${member.at}].cookie: ${member.name}`
  }
  return null
}

function repeated<T>(items: readonly T[], nameOf: (item: T) => string): { at: number; name: string } | null {
  const names = new Set<string>()
  for (const [at, item] of items.entries()) {
    const name = nameOf(item)
    if (names.has(name)) return { at, name }
    names.add(name)
  }
  return null
}

/** Any JSON. Throws a FileProblem that tells a cut file from one that is none. */
export function parseJson(asked: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (/end of JSON input|Unterminated string/.test(message))
      throw damaged(asked, 'it is cut: its JSON ends too early')
    const at = /position (\d+)/.exec(message)?.[1]
    if (at !== undefined && Number(at) >= text.trimEnd().length) {
      throw damaged(asked, 'it is cut: its JSON ends too early')
    }
    if (at !== undefined) throw damaged(asked, `it is not JSON: wrong at ${lineAndColumn(text, Number(at))}`)
    throw damaged(asked, 'it is not JSON')
  }
}

/** Throws unless the value says that it is of this kind and version. */
export function checkSchema(asked: string, value: unknown, wanted: string): void {
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined
  if (schema === wanted) return
  const ours = typeof schema === 'string' ? /^reuseport-inspector\/([a-z]{1,20})\/(\d{1,6})$/.exec(schema) : null
  if (ours === null) {
    throw new FileProblem(asked, 'it is not a file of this program: its "schema" says nothing known', OTHER_FILE)
  }
  const [, kind = '', version = ''] = ours
  const [, wantedKind = '', wantedVersion = ''] = wanted.split('/')
  if (kind !== wantedKind) {
    const remedy = kind === 'recording' ? PLAY_IT : OTHER_FILE
    throw new FileProblem(asked, `it is a ${kind}, not a ${wantedKind}`, remedy)
  }
  if (Number(version) > Number(wantedVersion)) {
    throw new FileProblem(
      asked,
      `it is of version ${version}, written by a newer program; this one reads version ${wantedVersion}`,
      'Open it with the program that wrote it, or a newer one.',
    )
  }
  throw new FileProblem(asked, `it is of version ${version}, which this program does not know`, OTHER_FILE)
}

const PLAY_IT = 'Play it: `reuseport-inspector play FILE`.'
const OTHER_FILE = 'Open a file that `snapshot save` wrote.'

/** Where the first mistake is, and what it is: `groups[3].members[0].cookie: invalid string`. */
function placeOf(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'something is wrong'
  const path = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  const message = issue.message.replace(/^Invalid input: /, '')
  return `${path.replace(/^\./, '').slice(0, 200) || 'the whole'}: ${message.slice(0, 200)}`
}

function lineAndColumn(text: string, position: number): string {
  const before = text.slice(0, position)
  const line = before.split('\n').length
  return `line ${line}, column ${position - before.lastIndexOf('\n')}`
}

function damaged(asked: string, happened: string): FileProblem {
  return new FileProblem(asked, happened, 'If there is a copy, open that.')
}

function tooLarge(asked: string, size: number | null, limit: number): FileProblem {
  const megabytes = (bytes: number) => `${Math.round(bytes / (1 << 20))} MiB`
  const what = size === null ? 'it holds' : `it has ${megabytes(size)},`
  return new FileProblem(
    asked,
    `${what} more than the ${megabytes(limit)} that may be opened`,
    'Save fewer groups into one file: filters such as --port choose.',
  )
}
