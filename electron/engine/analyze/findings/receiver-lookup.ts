/**
 * Which of several sockets at one endpoint receives, where all datagrams go to one of them. The kernel lookup runs in
 * the background, when a rule needs it and when the sockets there have changed. A socket does not show whether it is
 * the newest.
 */
import type { Collector } from '../../collect/collector.ts'
import { documentationClients } from '../../collect/sharing-lookup.ts'
import type { KernelLookup } from '../kernel-lookup.ts'
import { destinationOf } from './balance-sampler.ts'
import type { GroupView } from './rule.ts'

/** Groups looked up per turn. */
const MAX_LOOKUPS = 16

type CacheEntry = { readonly sockets: string; readonly cookie: bigint | null }

export class ReceiverLookup {
  readonly #collector: Pick<Collector, 'frame'>
  readonly #lookup: Pick<KernelLookup, 'lookUp'>
  readonly #cache = new Map<string, CacheEntry>()
  readonly #pending = new Map<string, string>()
  #running = false

  constructor(collector: Pick<Collector, 'frame'>, lookup: Pick<KernelLookup, 'lookUp'>) {
    this.#collector = collector
    this.#lookup = lookup
  }

  /** The cookie of the socket that receives, in this group or a neighbor; null if not known (yet). */
  of(group: GroupView): bigint | null {
    const sockets = [group, ...group.neighbors].map(({ id, membership }) => `${id} ${membership}`).join()
    const known = this.#cache.get(group.id)
    if (known?.sockets === sockets) return known.cookie
    this.#pending.set(group.id, sockets)
    return null
  }

  /** Runs the pending lookups; `done` gets the ids of the groups whose receiver is now known. */
  tick(done: (ids: readonly string[]) => void): void {
    if (this.#running || this.#pending.size === 0) return
    this.#running = true
    this.#lookUp()
      .then(done)
      .finally(() => {
        this.#running = false
      })
  }

  async #lookUp(): Promise<string[]> {
    const wanted = [...this.#pending].slice(0, MAX_LOOKUPS)
    const found: string[] = []
    for (const [id, sockets] of wanted) {
      this.#pending.delete(id)
      const { frame } = this.#collector
      const row = frame?.rowOf(id) ?? -1
      if (frame === null || row < 0) continue
      const destination = destinationOf(frame, row)
      const answer = await this.#lookup
        .lookUp(destination, documentationClients(destination.family === 'ipv4' ? 4 : 6, 1))
        .catch(() => null)
      const cookie = answer?.cookies[0]
      this.#cache.set(id, { sockets, cookie: cookie === undefined || cookie === 0n ? null : cookie })
      found.push(id)
    }
    return found
  }

  forget(id: string): void {
    this.#cache.delete(id)
    this.#pending.delete(id)
  }
}
