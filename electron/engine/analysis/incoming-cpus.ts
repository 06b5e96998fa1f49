/** SO_INCOMING_CPU of sockets: with it on a member, the CPU that receives a packet picks before the hash does. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'

/** A member may set it at any time, so what was read is believed this long. */
const BELIEVED_MS = 30_000
const NOT_SET = -1

export class IncomingCpus {
  readonly #inspection: Inspection
  /**
   * When each socket that may be read was read, in seconds (performance.now() / 1000), by cookie as a number: maps are
   * slow with bigints and large with anything but small integers.
   */
  readonly #readAt = new Map<number, number>()
  /** Those of them that set it, nearly always none, with their CPU. */
  readonly #set = new Map<number, number>()

  constructor(inspection: Inspection) {
    this.#inspection = inspection
  }

  /** The CPU that the socket asks for; `not set`; or null where it may not be read or was not. */
  of(cookie: bigint): number | 'not set' | null {
    const key = Number(cookie)
    return this.#set.get(key) ?? (this.#readAt.has(key) ? 'not set' : null)
  }

  /** False where no socket is known to set it. */
  get anySet(): boolean {
    return this.#set.size > 0
  }

  /** Reads those of `sockets` (rows of the picture) that are not known, through their holders. About 5 µs each on a worker thread. */
  async load(picture: Picture, sockets: readonly number[]): Promise<void> {
    const now = Math.floor(performance.now() / 1000)
    const old = now - BELIEVED_MS / 1000
    const wanted: { cookie: bigint; pid: number; fd: number }[] = []
    for (const socket of sockets) {
      if ((this.#readAt.get(picture.cookieNumber(socket)) ?? old) > old) continue
      const holder = picture.firstHolder(socket)
      if (holder !== null) wanted.push({ cookie: picture.cookie(socket), ...holder })
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
      const cpu = cpus[index]
      this.#forget(Number(cookie))
      if (cpu === undefined || cpu < NOT_SET) continue
      this.#readAt.set(Number(cookie), now)
      if (cpu !== NOT_SET) this.#set.set(Number(cookie), cpu)
    }
  }

  /** Forgets sockets that left. */
  forget(cookies: Iterable<bigint>): void {
    for (const cookie of cookies) this.#forget(Number(cookie))
  }

  #forget(cookie: number): void {
    this.#readAt.delete(cookie)
    this.#set.delete(cookie)
  }
}
