/** The kernel's own groups (contract/kernel-group.ts), kept up to date from the BPF reader's answers. */
import type { Reader } from '../../../native/index.ts'
import type { KernelGroup, SteeringProgram } from '../../contract/kernel-group.ts'
import { TimeSlice } from '../common/time-slice.ts'
import { BpfReader, type ReadGroup, type Readings, type ReadProgram, type StartBpfProgram } from './bpf-reader.ts'
import type { FrameView } from './frame-view.ts'

/** Stands for the id of a kernel group where a socket is in none. */
const IN_NONE = -1

type Known = {
  readonly group: KernelGroup
  readonly first: bigint | null
  readonly netns: number
  readonly port: number
}

export class KernelGroups {
  readonly #start: StartBpfProgram | null
  #reader: BpfReader<'groups'> | null = null
  /** Why they are unknown; null where they are known. */
  unavailable: string | null
  /** Answers of the reader so far in which something changed. */
  readings = 0
  #known = false
  readonly #byId = new Map<number, Known>()
  /** There is a complete reading that `separate` has not compared with a frame. */
  #fresh = false
  /** Something changed in the parts of the reading so far. */
  #partsChanged = false
  /** Readings since the last comparison had changes, or what it left open is still to be decided. */
  #groupsMoved = false
  /** The refresh of the frame that was compared last. */
  #comparedAt = 0
  /** Ids of groups whose sockets were told apart from others with their key. */
  readonly #separated = new Set<number>()
  /** UDP members that were in none at the last reading. */
  #lone = new Set<bigint>()
  /** By the cookie of the first member that has one. */
  readonly #byFirst = new Map<bigint, KernelGroup>()
  readonly #classified = new WeakSet<KernelGroup>()
  #reading: Promise<void> | null = null

  /** `start`: the BPF reader; null: nothing is read. */
  constructor(start: StartBpfProgram | null) {
    this.#start = start
    this.unavailable = start === null ? 'not read by this engine' : null
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

  /**
   * Tells the addon which sockets with one key are in different kernel groups (a listener that cleared SO_REUSEPORT before
   * others joined) or in none (a UDP member that was connected once); true when there were some. Once per reading.
   */
  async separate(frame: FrameView, reader: Pick<Reader, 'applyKernelGroup'>): Promise<boolean> {
    if (!this.known || !this.#fresh) return false
    this.#fresh = false
    // Not every frame is compared: a member may have come with one of those in between.
    if (!this.#groupsMoved && !frame.anyMembersChangedSince(this.#comparedAt)) return false
    this.#groupsMoved = false
    this.#comparedAt = frame.refresh
    const slice = new TimeSlice()
    const lone = new Set<bigint>()
    let separated = false
    const places = this.#byPlace()
    for (let row = 0; row < frame.groups.count; row++) {
      if (slice.expired) await slice.next()
      const here = places.get(placeOf(frame.netns(row), frame.port(row)))
      if (here === undefined || frame.sharing(row) === 'reuseaddr') continue
      const parts = this.#partsOf(frame, row, here, lone)
      // The largest keeps the row, and with it the id of the group, unless it was separated before.
      const [main] = [...parts]
        .filter(([id]) => id !== IN_NONE && !this.#separated.has(id))
        .sort(([, a], [, b]) => b.length - a.length)
      if (parts.size === 1 && parts.has(IN_NONE)) continue
      for (const [id, sockets] of parts) {
        if (id === main?.[0]) continue
        if (id !== IN_NONE) this.#separated.add(id)
        // Ids are larger than the byte that tells groups with one key apart.
        const number = id === IN_NONE ? 255 : 1 + (id % 254)
        const moved = sockets.filter((socket) => frame.kernelGroupNumber(socket) !== number)
        if (moved.length === 0) continue
        reader.applyKernelGroup(
          BigUint64Array.from(moved, (socket) => frame.cookie(socket)),
          number,
        )
        separated = true
      }
    }
    // The next reading decides about those that are new in it.
    this.#groupsMoved = [...lone].some((cookie) => !this.#lone.has(cookie))
    this.#lone = lone
    return separated
  }

  /** The receiving sockets of a row by the id of their kernel group, or IN_NONE. Adds those in none to `lone`. */
  #partsOf(frame: FrameView, row: number, here: readonly KernelGroup[], lone: Set<bigint>): Map<number, number[]> {
    const parts = new Map<number, number[]>()
    const udp = frame.protocol(row) === 'udp'
    if (here.length < 2 && !udp && !here.some(({ id }) => this.#separated.has(id))) return parts
    const ids = new Map(here.flatMap(({ id, members }) => members.map((cookie) => [cookie, id] as const)))
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      if (!frame.socketReceives(socket) || frame.firstHolder(socket) === null) continue
      const cookie = frame.cookie(socket)
      let id = ids.get(String(cookie))
      if (id === undefined && udp && frame.optionsOf(socket)?.reuseport === true) {
        lone.add(cookie)
        // A new one may have joined since the reading: the next one decides.
        if (this.#lone.has(cookie)) id = IN_NONE
      }
      if (id === undefined) continue
      const part = parts.get(id)
      if (part === undefined) parts.set(id, [socket])
      else part.push(socket)
    }
    return parts
  }

  #byPlace(): Map<number, KernelGroup[]> {
    const places = new Map<number, KernelGroup[]>()
    for (const { group, netns, port } of this.#byId.values()) {
      const place = placeOf(netns, port)
      const here = places.get(place)
      if (here === undefined) places.set(place, [group])
      else here.push(group)
    }
    return places
  }

  /** Takes an answer of the reader, or the next part of one. Until the last one there is nothing to compare with. */
  apply({ groups, removed, more = false }: Readings['groups']): void {
    for (const id of removed) {
      this.#remove(id)
      this.#separated.delete(id)
    }
    for (const read of groups) {
      this.#remove(read.id)
      const group = kernelGroupOf(read)
      const text = group.members.find((cookie) => cookie !== null)
      const first = text === undefined || text === null ? null : BigInt(text)
      this.#byId.set(read.id, { group, first, netns: read.netns, port: read.port })
      if (first !== null) this.#byFirst.set(first, group)
    }
    this.#partsChanged ||= groups.length + removed.length > 0
    this.#fresh = !more
    if (more) return
    if (this.#partsChanged) this.readings++
    this.#known = true
    this.#groupsMoved ||= this.#partsChanged
    this.#partsChanged = false
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
    if (this.#start === null || this.unavailable !== null) return
    this.#reader ??= new BpfReader(this.#start, 'groups')
    if (await this.#reader.read((part) => this.apply(part))) return
    this.unavailable = this.#reader.unavailable
    this.#byId.clear()
    this.#byFirst.clear()
  }
}

/** Namespace (32 bits) and port (16) in one number, which is faster to look up than text. */
function placeOf(netns: number, port: number): number {
  return 0x1_0000 * netns + port
}

/** The contract's object. */
export function kernelGroupOf({ id, members, halfOpen, closed, ...rest }: ReadGroup): KernelGroup {
  const { maxSocks, bindInany, hasConns, program } = rest
  return {
    id,
    members,
    halfOpen: halfOpen ?? null,
    closed,
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
