/**
 * Which bound addresses get no packets: no interface has them, and no local route covers them. Looked up in the routing
 * of each namespace, a few at a time, and again after a while, because addresses are added and removed.
 */
import type { Reader } from '../../../../native/index.ts'
import type { Family } from '../../../contract/model.ts'
import { addressText } from '../../addresses.ts'
import { askRoute } from '../../routes.ts'

export type Place = { readonly netns: number; readonly family: Family; readonly address: Uint8Array }

const AGAIN_MS = 5000
/** Route lookups per call, at about 20 µs each on a worker thread. */
const AT_ONCE = 64
const MAX_KNOWN = 10_000

export class Reach {
  readonly #reader: Pick<Reader, 'query'>
  readonly #known = new Map<string, { unreachable: boolean; at: number }>()

  constructor(reader: Pick<Reader, 'query'>) {
    this.#reader = reader
  }

  /** Looks up unknown and stale places, at most AT_ONCE per call; the rest at the next call. */
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

  /** True if it is known that no packet for this address arrives. */
  isUnreachable(place: Place): boolean {
    return this.#known.get(keyOf(place))?.unreachable === true
  }
}

function keyOf({ netns, family, address }: Place): string {
  return `${netns} ${addressText(address, family)}`
}
