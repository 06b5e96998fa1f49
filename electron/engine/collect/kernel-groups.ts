/** The kernel's own groups (contract/kernel-group.ts), kept up to date from the BPF reader's answers. */
import type { Reader } from '../../../native/index.ts'
import type { KernelGroup, SteeringProgram } from '../../contract/kernel-group.ts'
import { BpfReader, type ReadGroup, type Readings, type ReadProgram } from './bpf-reader.ts'
import type { FrameView } from './frame-view.ts'

export class KernelGroups {
  readonly #path: string | null
  #reader: BpfReader<'groups'> | null = null
  /** Why they are unknown; null where they are known. */
  unavailable: string | null
  #known = false
  readonly #byId = new Map<number, { readonly group: KernelGroup; readonly first: bigint | null }>()
  /** By the cookie of the first member that has one. */
  readonly #byFirst = new Map<bigint, KernelGroup>()
  readonly #classified = new WeakSet<KernelGroup>()
  #reading: Promise<void> | null = null

  /** `path`: the BPF reader's program; null: nothing is read. */
  constructor(path: string | null) {
    this.#path = path
    this.unavailable = path === null ? 'not read by this engine' : null
  }

  /** True once they have been read. */
  get known(): boolean {
    return this.#known && this.unavailable === null
  }

  /** True where another reading keeps within the share of time. */
  get due(): boolean {
    return this.#reader?.due ?? true
  }

  /** Reads them. Never rejects: where that fails, `unavailable` says why, and nothing is tried again. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** Resolves when no reading is in progress. */
  async settled(): Promise<void> {
    await this.#reading
  }

  /** The group that has this socket as the first member with a cookie. */
  startingWith(cookie: bigint): KernelGroup | undefined {
    return this.#byFirst.get(cookie)
  }

  /**
   * Tells the addon which sockets of groups that are still unknown share by SO_REUSEPORT; true when there were some.
   * Each group is reported once.
   */
  classify(frame: FrameView, reader: Pick<Reader, 'applyOptions'>): boolean {
    let classified = false
    for (let row = 0; row < frame.groups.count; row++) {
      if (frame.sharing(row) !== 'unknown') continue
      for (const group of frame.kernelGroups(row) ?? []) {
        if (this.#classified.has(group)) continue
        this.#classified.add(group)
        const cookies = group.members.flatMap((cookie) => (cookie === null ? [] : [BigInt(cookie)]))
        reader.applyOptions(BigUint64Array.from(cookies), 'reuseport')
        classified = true
      }
    }
    return classified
  }

  /** Takes an answer of the reader. */
  apply({ groups, removed }: Readings['groups']): void {
    for (const id of removed) this.#remove(id)
    for (const read of groups) {
      this.#remove(read.id)
      const group = kernelGroupOf(read)
      const text = group.members.find((cookie) => cookie !== null)
      const first = text === undefined || text === null ? null : BigInt(text)
      this.#byId.set(read.id, { group, first })
      if (first !== null) this.#byFirst.set(first, group)
    }
    this.#known = true
  }

  close(): void {
    this.#reader?.close()
  }

  #remove(id: number): void {
    const before = this.#byId.get(id)
    if (before === undefined) return
    this.#byId.delete(id)
    // Another group may have taken the socket since.
    if (before.first !== null && this.#byFirst.get(before.first) === before.group) this.#byFirst.delete(before.first)
  }

  async #read(): Promise<void> {
    if (this.#path === null || this.unavailable !== null) return
    this.#reader ??= new BpfReader(this.#path, 'groups')
    const reading = await this.#reader.read()
    if (reading !== null) return this.apply(reading)
    this.unavailable = this.#reader.unavailable
    this.#byId.clear()
    this.#byFirst.clear()
  }
}

/** The contract's object. */
export function kernelGroupOf({ id, members, halfOpen, closed, ...rest }: ReadGroup): KernelGroup {
  const { maxSocks, bindInany, hasConns, program } = rest
  return {
    id,
    members: [...members],
    halfOpen: halfOpen === undefined ? null : [...halfOpen],
    closed: [...closed],
    maxSocks,
    bindInany,
    hasConns,
    program: program === null ? null : programOf(program),
  }
}

function programOf(program: ReadProgram): SteeringProgram {
  if ('instructions' in program) {
    return { kind: 'classic', instructions: program.instructions.map(([code, jt, jf, k]) => ({ code, jt, jf, k })) }
  }
  const maps = program.maps.map(({ sockets, ...map }) => ({
    ...map,
    places: sockets === undefined ? null : sockets.flatMap((cookie, key) => (cookie === '' ? [] : [{ key, cookie }])),
  }))
  return { kind: 'extended', ...program, loadedAt: new Date(program.loadedAt).toISOString(), maps }
}
