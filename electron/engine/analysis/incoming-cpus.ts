/** SO_INCOMING_CPU of sockets: with it on a member, the CPU that receives a packet picks before the hash does. */
import type { Inspection } from '../inspection.ts'
import type { Picture } from '../picture.ts'

/** A member may set it at any time, so what was read is believed this long. */
const BELIEVED_MS = 30_000
const NOT_SET = -1
const UNKNOWN = -2

export class IncomingCpus {
  readonly #inspection: Inspection
  readonly #known = new Map<bigint, { cpu: number; at: number }>()

  constructor(inspection: Inspection) {
    this.#inspection = inspection
  }

  /** The CPU that the socket asks for; `not set`; or null where it may not be read or was not. */
  of(cookie: bigint): number | 'not set' | null {
    const cpu = this.#known.get(cookie)?.cpu ?? UNKNOWN
    return cpu === UNKNOWN ? null : cpu === NOT_SET ? 'not set' : cpu
  }

  /** Reads those of `sockets` (rows of the picture) that are not known, through their holders. About 5 µs each on a worker thread. */
  async load(picture: Picture, sockets: readonly number[]): Promise<void> {
    const now = performance.now()
    const wanted: { cookie: bigint; pid: number; fd: number }[] = []
    for (const socket of sockets) {
      const cookie = picture.cookie(socket)
      const known = this.#known.get(cookie)
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
      this.#known.set(cookie, { cpu: cpus[index] ?? UNKNOWN, at: now })
    }
  }

  /** Forgets sockets that left. */
  forget(cookies: Iterable<bigint>): void {
    for (const cookie of cookies) this.#known.delete(cookie)
  }
}
