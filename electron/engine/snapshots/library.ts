/**
 * Stored snapshots and recordings: a folder of files, and what pages opened, which is forgotten when the engine ends.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { Snapshot } from '../../contract/model.ts'
import type { StoredItem } from '../../contract/snapshots.ts'
import { removeAbandoned } from '../common/temporary-files.ts'
import { gzipped, snapshotJson } from './encode.ts'
import type { StoredFrame } from './feed.ts'
import { writeWhole } from './file.ts'
import { fileBytes, READ_LIMITS, textBytes } from './file-bytes.ts'
import { FileError, toFileError } from './file-error.ts'
import { type Content, readContent } from './file-reader.ts'
import { OpenedRecording } from './opened-recording.ts'
import type { SnapshotParts } from './parts.ts'
import { maxHeapBytes } from './read.ts'
import { RecordingWriter } from './recording-file.ts'

/** Opened items that are remembered; the oldest is dropped for a new one. */
const MAX_OPENED = 8
/** Complete snapshots in memory at one time. */
const MAX_READ = 3
const ENDINGS = { snapshot: '.json.gz', recording: '.ndjson.gz' } as const
/** A file's head is within this many bytes: it precedes the groups. */
const HEAD_BYTES = 256 * 1024

type Opened = { readonly kept: StoredItem; readonly content: Content }

/** `$XDG_STATE_HOME/reuseport-inspector/snapshots` (XDG Base Directory Specification). */
export function snapshotFolder(environment: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  const configured = environment.XDG_STATE_HOME
  const base = configured?.startsWith('/') ? configured : join(home, '.local/state')
  return join(base, 'reuseport-inspector', 'snapshots')
}

export class SnapshotLibrary {
  readonly #folder: string
  readonly #bootId: string | null
  readonly #opened = new Map<string, Opened>()
  readonly #read = new Map<string, Content>()
  /** Reads in progress: a second request for the same item waits for the same read. */
  readonly #reading = new Map<string, Promise<Content>>()
  /** The last of the queued reads. */
  #turn: Promise<void> = Promise.resolve()
  readonly #closed = new AbortController()
  readonly #heads = new Map<string, StoredItem>()
  /** Names of files that are being written and not in their place yet. */
  readonly #written = new Set<string>()
  /** Resolves when the leftovers of a kill are removed. */
  readonly #cleaned: Promise<void>
  #next = 1

  /** `bootId`: of this machine, to tell which snapshots are of the same boot. */
  constructor(folder: string, bootId: string | null) {
    this.#folder = folder
    this.#bootId = bootId
    this.#cleaned = removeAbandoned(folder)
  }

  /** All stored items, the newest first; a file that cannot be read is listed with its problem. */
  async list(): Promise<StoredItem[]> {
    await this.#cleaned
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw toFileError(`listing ${this.#folder}`, error)
    })
    const files = names.filter((name) => kindOf(name) !== null && !name.startsWith('.'))
    const saved = await Promise.all(files.map((name) => this.#describe(name)))
    const all = [...saved, ...[...this.#opened.values()].map(({ kept }) => kept)]
    return all.sort((a, b) => ((a.takenAt ?? '') < (b.takenAt ?? '') ? 1 : -1))
  }

  /** Stores a snapshot on disk. Throws a FileError, or the reason of the signal. */
  async save(name: string, parts: SnapshotParts, signal: AbortSignal | undefined): Promise<StoredItem> {
    await this.#makeFolder()
    const file = await this.#freeName(name, 'snapshot')
    this.#written.add(file)
    try {
      await writeWhole(join(this.#folder, file), gzipped(snapshotJson(parts)), { signal })
    } finally {
      this.#written.delete(file)
    }
    return this.#describe(file)
  }

  /** A new recording in the folder, and its future id. Throws a FileError. */
  async createRecording(name: string): Promise<{ id: string; file: string; writer: RecordingWriter }> {
    await this.#makeFolder()
    const fileName = await this.#freeName(name, 'recording')
    const file = join(this.#folder, fileName)
    return { id: `saved/${fileName}`, file, writer: await RecordingWriter.create(file, { force: false }) }
  }

  /** An item on disk, as in `list`. */
  describe(id: string): Promise<StoredItem> {
    return this.#describe(basename(this.#path(id)))
  }

  /**
   * Stores what a page opened; its content decides the kind. Throws a FileError where it is neither snapshot nor
   * recording.
   */
  async open(name: string, chunks: readonly Uint8Array[], size: number): Promise<StoredItem> {
    const content = await this.#take(name, { chunks })
    const id = `opened/${this.#next++}`
    const kind = content.holds instanceof OpenedRecording ? 'recording' : 'snapshot'
    const kept: StoredItem = {
      id,
      kind,
      name,
      ...headOf(snapshotOf(content, 0), this.#bootId),
      bytes: size,
      problem: null,
    }
    this.#opened.set(id, { kept, content })
    this.#forgetOldest()
    return kept
  }

  /** One stored frame, with access to its neighbors. Throws a FileError. */
  async frame(id: string): Promise<StoredFrame> {
    const [, file = id, given] = /^(.*)#(\d{1,9})$/.exec(id) ?? []
    const content = await this.#content(file)
    const number = Number(given ?? 0)
    const length = content.holds instanceof OpenedRecording ? content.holds.length : 1
    const other = (at: number) => (at >= 0 && at < length ? snapshotOf(content, at) : null)
    return { snapshot: snapshotOf(content, number), number, other }
  }

  /** A stored snapshot, whole; of a recording, the given snapshot. Throws a FileError. */
  async get(id: string): Promise<Snapshot> {
    return (await this.frame(id)).snapshot
  }

  /** A stored recording. Throws a FileError where it is none. */
  async recording(id: string): Promise<OpenedRecording> {
    const { holds } = await this.#content(id)
    if (holds instanceof OpenedRecording) return holds
    throw new FileError(`reading recording ${id}`, 'it is a single snapshot', 'Open a recording.')
  }

  async #content(id: string): Promise<Content> {
    const known = this.#opened.get(id)?.content ?? this.#read.get(id) ?? this.#reading.get(id)
    if (known !== undefined) return known
    const path = this.#path(id)
    // A page requests groups, findings and the timeline at once.
    const reading = this.#take(path, { path })
    this.#reading.set(id, reading)
    try {
      const content = await reading
      this.#read.set(id, content)
      this.#forgetOldest()
      return content
    } finally {
      this.#reading.delete(id)
    }
  }

  /** Reads one file after the other: together they could take all memory. */
  async #take(name: string, source: Parameters<typeof readContent>[1]): Promise<Content> {
    const before = this.#turn
    const reading = before.then(() => readContent(name, source, this.#closed.signal))
    this.#turn = reading.then(
      () => undefined,
      () => undefined,
    )
    return reading
  }

  /** Drops old items until neither their number nor their memory is too much. The newest stays. */
  #forgetOldest(): void {
    let weight = 0
    for (const { content } of this.#opened.values()) weight += content.weight
    for (const content of this.#read.values()) weight += content.weight
    const forget = (kept: Map<string, unknown>, most: number, weightOf: (id: string) => number) => {
      for (const oldest of kept.keys()) {
        if (kept.size <= 1 || (kept.size <= most && weight <= maxHeapBytes())) break
        weight -= weightOf(oldest)
        kept.delete(oldest)
      }
    }
    forget(this.#read, MAX_READ, (id) => this.#read.get(id)?.weight ?? 0)
    forget(this.#opened, MAX_OPENED, (id) => this.#opened.get(id)?.content.weight ?? 0)
  }

  /** Stops all reads in progress. */
  close(): void {
    this.#closed.abort()
  }

  /** Removes an item, from disk too. Throws a FileError. */
  async forget(id: string): Promise<void> {
    this.#read.delete(id)
    if (this.#opened.delete(id)) return
    const path = this.#path(id)
    await rm(path).catch((error: unknown) => {
      throw toFileError(`removing ${path}`, error)
    })
  }

  /** A page can name files of this folder and no others. */
  #path(id: string): string {
    const name = /^saved\/([^/\0]+)$/.exec(id)?.[1]
    if (name === undefined || name.startsWith('.') || kindOf(name) === null) {
      throw new FileError(`opening snapshot ${id}`, 'no snapshot has this name', 'It may have been removed.')
    }
    return join(this.#folder, name)
  }

  async #makeFolder(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw toFileError(`creating ${this.#folder}`, error)
    })
  }

  async #freeName(name: string, kind: StoredItem['kind']): Promise<string> {
    for (let number = 1; ; number++) {
      const file = `${fileName(name, number)}${ENDINGS[kind]}`
      const taken = await stat(join(this.#folder, file)).then(
        () => true,
        () => false,
      )
      if (!taken && !this.#written.has(file)) return file
    }
  }

  async #head(path: string, kind: StoredItem['kind']): Promise<Pick<Snapshot, 'takenAt' | 'host'>> {
    return (await readHead(path, kind)) ?? snapshotOf(await this.#take(path, { path }), 0)
  }

  async #describe(file: string): Promise<StoredItem> {
    const path = join(this.#folder, file)
    const id = `saved/${file}`
    const kind = kindOf(file) ?? 'snapshot'
    const name = file.slice(0, -ENDINGS[kind].length)
    const known = this.#heads.get(id)
    const bytes = (await stat(path).catch(() => null))?.size ?? 0
    if (known !== undefined && known.bytes === bytes) return known
    try {
      const kept: StoredItem = {
        id,
        kind,
        name,
        ...headOf(await this.#head(path, kind), this.#bootId),
        bytes,
        problem: null,
      }
      this.#heads.set(id, kept)
      return kept
    } catch (error) {
      const { problem } = toFileError(`opening ${path}`, error)
      const kept = { id, kind, name, takenAt: null, hostname: null, sameBoot: false, bytes, problem: problem.cause }
      this.#heads.set(id, kept)
      return kept
    }
  }
}

/** By its name; null for a file that is not ours. */
function kindOf(name: string): StoredItem['kind'] | null {
  if (name.endsWith(ENDINGS.recording)) return 'recording'
  return name.endsWith(ENDINGS.snapshot) ? 'snapshot' : null
}

function snapshotOf({ holds }: Content, number: number): Snapshot {
  return holds instanceof OpenedRecording ? holds.snapshot(number) : holds
}

/** The name as a file name, with a number where it exists already. */
function fileName(name: string, number: number): string {
  const safe = name.replace(/[^\p{L}\p{N} _.,:+-]/gu, '_').replace(/^[.\s]+|\s+$/g, '')
  const short = Array.from(safe).slice(0, 60).join('') || 'Snapshot'
  return number === 1 ? short : `${short} ${number}`
}

function headOf({ takenAt, host }: Pick<Snapshot, 'takenAt' | 'host'>, bootId: string | null) {
  return {
    takenAt,
    hostname: host.hostname,
    sameBoot: host.bootId !== null && host.bootId === bootId,
  }
}

/** What a list shows of a file; it precedes the groups. */
const Head = Snapshot.pick({ takenAt: true, host: true })

/** Reads up to the groups. null where they are not in our order: another program may have written the file. */
async function readHead(path: string, kind: StoredItem['kind']): Promise<z.infer<typeof Head> | null> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of textBytes(`opening ${path}`, fileBytes(path, READ_LIMITS, 16 * 1024))) {
    text += decoder.decode(chunk, { stream: true })
    const end = text.indexOf(',"groups":[')
    if (end >= 0) {
      // The first line of a recording describes the file; the second is its first snapshot.
      const from = kind === 'recording' ? text.indexOf('\n') + 1 : 0
      return headIn(`${text.slice(from, end)}}`)
    }
    if (text.length > HEAD_BYTES) break
  }
  return null
}

function headIn(text: string): z.infer<typeof Head> | null {
  try {
    return Head.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
