/** Kept snapshots: a folder of files, and what pages opened, which is forgotten with the engine. */
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '../../contract/model.ts'
import type { Kept } from '../../contract/snapshots.ts'
import { readHost } from '../host.ts'
import { gzipped, snapshotJson } from './encode.ts'
import { writeWhole } from './file.ts'
import { FileProblem, fileProblem } from './file-problem.ts'
import type { SnapshotParts } from './parts.ts'
import { decode, parseSnapshot, readSnapshot, textBytes } from './read.ts'

/** Opened ones that are remembered; the oldest is forgotten for a new one. */
const MOST_OPENED = 8
/** Whole snapshots in memory at one time. */
const MOST_READ = 3
const ENDING = '.json.gz'
/** So much of a file holds its head: it comes before the groups. */
const HEAD_BYTES = 256 * 1024

type Opened = { readonly kept: Kept; readonly snapshot: Snapshot }

/** `$XDG_STATE_HOME/reuseport-inspector/snapshots` (XDG Base Directory Specification). */
export function snapshotFolder(environment: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  const configured = environment.XDG_STATE_HOME
  const base = configured?.startsWith('/') ? configured : join(home, '.local/state')
  return join(base, 'reuseport-inspector', 'snapshots')
}

export class SnapshotLibrary {
  readonly #folder: string
  readonly #opened = new Map<string, Opened>()
  readonly #read = new Map<string, Snapshot>()
  readonly #heads = new Map<string, Kept>()
  #next = 1

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What is kept, the newest first; a file that cannot be read is there with its problem. */
  async list(): Promise<Kept[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw fileProblem(`to list ${this.#folder}`, error)
    })
    const files = names.filter((name) => name.endsWith(ENDING) && !name.startsWith('.'))
    const saved = await Promise.all(files.map((name) => this.#describe(name)))
    const all = [...saved, ...[...this.#opened.values()].map(({ kept }) => kept)]
    return all.sort((a, b) => ((a.takenAt ?? '') < (b.takenAt ?? '') ? 1 : -1))
  }

  /** Keeps a snapshot on disk. Throws a FileProblem, or what the signal says. */
  async save(name: string, parts: SnapshotParts, signal: AbortSignal | undefined): Promise<Kept> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw fileProblem(`to make ${this.#folder}`, error)
    })
    for (let number = 1; ; number++) {
      const file = `${fileName(name, number)}${ENDING}`
      try {
        await stat(join(this.#folder, file))
      } catch {
        await writeWhole(join(this.#folder, file), gzipped(snapshotJson(parts)), { signal })
        return this.#describe(file)
      }
    }
  }

  /** Keeps what a page opened. Throws a FileProblem where it is no snapshot. */
  async open(name: string, bytes: AsyncIterable<Uint8Array>, size: number): Promise<Kept> {
    const snapshot = parseSnapshot(name, await decode(`to open ${name}`, bytes))
    const id = `opened/${this.#next++}`
    const kept: Kept = { id, name, ...headOf(snapshot), bytes: size, problem: null }
    this.#opened.set(id, { kept, snapshot })
    for (const oldest of this.#opened.keys()) {
      if (this.#opened.size <= MOST_OPENED) break
      this.#opened.delete(oldest)
    }
    return kept
  }

  /** One that is kept, whole. Throws a FileProblem. */
  async get(id: string): Promise<Snapshot> {
    const known = this.#opened.get(id)?.snapshot ?? this.#read.get(id)
    if (known !== undefined) return known
    const snapshot = await readSnapshot(this.#path(id))
    this.#read.set(id, snapshot)
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= MOST_READ) break
      this.#read.delete(oldest)
    }
    return snapshot
  }

  async forget(id: string): Promise<void> {
    this.#read.delete(id)
    if (this.#opened.delete(id)) return
    const path = this.#path(id)
    await rm(path).catch((error: unknown) => {
      throw fileProblem(`to remove ${path}`, error)
    })
  }

  /** A page names files of this folder, and no others. */
  #path(id: string): string {
    const name = /^saved\/([^/\0]+)$/.exec(id)?.[1]
    if (name === undefined || name.startsWith('.') || !name.endsWith(ENDING)) {
      throw new FileProblem(`snapshot ${id}`, 'there is none of this name', 'It may have been removed.')
    }
    return join(this.#folder, name)
  }

  async #describe(file: string): Promise<Kept> {
    const path = join(this.#folder, file)
    const id = `saved/${file}`
    const name = file.slice(0, -ENDING.length)
    const known = this.#heads.get(id)
    const status = await stat(path).catch(() => null)
    if (known !== undefined && known.bytes === status?.size) return known
    const empty = { takenAt: null, hostname: null, sameBoot: false }
    try {
      const kept: Kept = { id, name, ...(await readHead(path)), bytes: status?.size ?? 0, problem: null }
      this.#heads.set(id, kept)
      return kept
    } catch (error) {
      const { data } = fileProblem(`to open ${path}`, error)
      return { id, name, ...empty, bytes: status?.size ?? 0, problem: data.happened }
    }
  }
}

/** The name as a file's: a number behind it where there is one already. */
function fileName(name: string, number: number): string {
  const safe = name.replace(/[^\p{L}\p{N} _.,:+-]/gu, '_').replace(/^[.\s]+|\s+$/g, '')
  const short = Array.from(safe).slice(0, 60).join('') || 'Snapshot'
  return number === 1 ? short : `${short} ${number}`
}

function headOf({ takenAt, host }: Pick<Snapshot, 'takenAt' | 'host'>) {
  return {
    takenAt,
    hostname: host.hostname,
    sameBoot: host.bootId !== null && host.bootId === readHost().bootId,
  }
}

/** Reads as far as the groups, which come after everything that a list shows. */
async function readHead(path: string) {
  const stream = createReadStream(path, { highWaterMark: 16 * 1024 })
  let text = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of textBytes(`to open ${path}`, stream)) {
      text += decoder.decode(chunk, { stream: true })
      const end = text.indexOf(',"groups":[')
      if (end >= 0) {
        const head: Pick<Snapshot, 'takenAt' | 'host'> = JSON.parse(`${text.slice(0, end)}}`)
        return headOf(head)
      }
      if (text.length > HEAD_BYTES) break
    }
  } finally {
    stream.destroy()
  }
  // Not as we write it: somebody else's program may have. All of it is read.
  return headOf(await readSnapshot(path))
}
