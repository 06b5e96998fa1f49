/**
 * Which of several sockets at one endpoint receives, where all datagrams go to one of them. The kernel lookup runs in
 * the background, when a rule needs it and when the sockets there have changed. A socket does not show whether it is
 * the newest.
 */
import type { Inspection } from '../../inspection.ts'
import { documentationClients } from '../../steering.ts'
import type { Oracle } from '../oracle.ts'
import type { GroupView } from './rule.ts'
import { destinationOf } from './weighing.ts'

/** Groups looked up per turn. */
const AT_ONCE = 16

type Known = { readonly sockets: string; readonly cookie: bigint | null }

export class Receivers {
  readonly #inspection: Pick<Inspection, 'picture'>
  readonly #oracle: Pick<Oracle, 'ask'>
  readonly #known = new Map<string, Known>()
  readonly #wanted = new Map<string, string>()
  #asking = false

  constructor(inspection: Pick<Inspection, 'picture'>, oracle: Pick<Oracle, 'ask'>) {
    this.#inspection = inspection
    this.#oracle = oracle
  }

  /** The cookie of the socket that receives, in this group or a neighbor; null if not known (yet). */
  of(group: GroupView): bigint | null {
    const sockets = [group, ...group.neighbours].map(({ id, membership }) => `${id} ${membership}`).join()
    const known = this.#known.get(group.id)
    if (known?.sockets === sockets) return known.cookie
    this.#wanted.set(group.id, sockets)
    return null
  }

  /** Runs the pending lookups; `done` gets the ids of the groups whose receiver is now known. */
  tick(done: (ids: readonly string[]) => void): void {
    if (this.#asking || this.#wanted.size === 0) return
    this.#asking = true
    this.#ask()
      .then(done)
      .finally(() => {
        this.#asking = false
      })
  }

  async #ask(): Promise<string[]> {
    const wanted = [...this.#wanted].slice(0, AT_ONCE)
    const found: string[] = []
    for (const [id, sockets] of wanted) {
      this.#wanted.delete(id)
      const { picture } = this.#inspection
      const row = picture?.rowOf(id) ?? -1
      if (picture === null || row < 0) continue
      const destination = destinationOf(picture, row)
      const answer = await this.#oracle
        .ask(destination, documentationClients(destination.family === 'ipv4' ? 4 : 6, 1))
        .catch(() => null)
      const cookie = answer?.cookies[0]
      this.#known.set(id, { sockets, cookie: cookie === undefined || cookie === 0n ? null : cookie })
      found.push(id)
    }
    return found
  }

  forget(id: string): void {
    this.#known.delete(id)
    this.#wanted.delete(id)
  }
}
