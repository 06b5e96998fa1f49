/** SO_INCOMING_CPU of sockets: with it on a member, the CPU that receives a packet picks before the hash does. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'

/** A member may set it at any time, so what was read is believed this long. */
const BELIEVED_MS = 30_000
const NOT_SET = -1
const UNKNOWN = -2

export class IncomingCpus {
  readonly #inspection: Inspection
  /** By cookie, as a number: maps are slow with bigints, and no machine runs long enough for cookies past 2^53. */
  readonly #known = new Map<number, { cpu: number; at: number }>()
  /** Sockets among them that set it: nearly always none. */
  #set = 0

  constructor(inspection: Inspection) {
    this.#inspection = inspection
  }

  /** The CPU that the socket asks for; `not set`; or null where it may not be read or was not. */
  of(cookie: bigint): number | 'not set' | null {
    if (this.#known.size === 0) return null
    const cpu = this.#known.get(Number(cookie))?.cpu ?? UNKNOWN
    return cpu === UNKNOWN ? null : cpu === NOT_SET ? 'not set' : cpu
  }

  /** False where no socket is known to set it. */
  get anySet(): boolean {
    return this.#set > 0
  }

  /** Reads those of `sockets` (rows of the picture) that are not known, through their holders. About 5 µs each on a worker thread. */
  async load(picture: Picture, sockets: readonly number[]): Promise<void> {
    const now = performance.now()
    const wanted: { cookie: bigint; pid: number; fd: number }[] = []
    for (const socket of sockets) {
      const cookie = picture.cookie(socket)
      const known = this.#known.get(Number(cookie))
      if (known !== undefined && now - known.at < BELIEVED_MS) continue
      const holder = picture.firstHolder(socket)
      if (holder !== null) wanted.push({ cookie, ...holder })
    }
    if (wanted.length === 0) return
    // Each run of one pid costs one pidfd_open(2).
    wanted.sort((a, b) => a.pid - b.pid)
    const cpus = await this.#inspection.reader.readIncomingCpus(
      BigUint64Array.from(wanted, ({ cookie }) => cookie),
      Uint32Array.from(wanted, ({ pid }) => pid),
      Uint32Array.from(wanted, ({ fd }) => fd),
    )
    for (const [index, { cookie }] of wanted.entries()) {
      this.#put(Number(cookie), { cpu: cpus[index] ?? UNKNOWN, at: now })
    }
  }

  /** Forgets sockets that left. */
  forget(cookies: Iterable<bigint>): void {
    for (const cookie of cookies) this.#put(Number(cookie), null)
  }

  #put(cookie: number, known: { cpu: number; at: number } | null): void {
    if ((this.#known.get(cookie)?.cpu ?? UNKNOWN) >= 0) this.#set--
    if (known === null) this.#known.delete(cookie)
    else {
      this.#known.set(cookie, known)
      if (known.cpu >= 0) this.#set++
    }
  }
}
