/**
 * Which addresses that sockets are bound to get no packet: no interface has them, and no local route names them. Asked of
 * the routing of each namespace, a few at a time, and again after a while: addresses come and go.
 */
import type { Reader } from '../../../../native/index.ts'
import type { Family } from '../../../contract/model.ts'
import { addressText } from '../../addresses.ts'
import { askRoute } from '../../routes.ts'

export type Place = { readonly netns: number; readonly family: Family; readonly address: Uint8Array }

const AGAIN_MS = 5000
/** Asked at one look, at some 20 µs each on a worker thread. */
const AT_ONCE = 64
const MAX_KNOWN = 10_000

export class Reach {
  readonly #reader: Pick<Reader, 'query'>
  readonly #known = new Map<string, { unreachable: boolean; at: number }>()

  constructor(reader: Pick<Reader, 'query'>) {
    this.#reader = reader
  }

  /** Asks for those of which nothing is known, or has not been for a while; for the rest when it is called again. */
  async learn(places: Iterable<Place>): Promise<void> {
    const asked = new Map<string, Place>()
    for (const place of places) {
      if (asked.size === AT_ONCE) break
      const known = this.#known.get(keyOf(place))
      if (known === undefined || performance.now() - known.at > AGAIN_MS) {
        asked.set(keyOf(place), { ...place, address: place.address.slice() })
      }
    }
    await Promise.all(
      [...asked].map(async ([key, { netns, family, address }]) => {
        const route = await askRoute(this.#reader, { netns, family, to: address })
        this.#known.delete(key)
        this.#known.set(key, {
          unreachable: route.kind === 'none' || route.kind === 'elsewhere',
          at: performance.now(),
        })
      }),
    )
    for (const key of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break
      this.#known.delete(key)
    }
  }

  /** True where it is known that nothing arrives for this address. */
  isUnreachable(place: Place): boolean {
    return this.#known.get(keyOf(place))?.unreachable === true
  }
}

function keyOf({ netns, family, address }: Place): string {
  return `${netns} ${addressText(address, family)}`
}
