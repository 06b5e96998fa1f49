/**
 * Who gets what is sent to a bound address: one socket, a copy each, or none because no packet for it arrives. Looked up
 * in the routing of each namespace, a few at a time, and again after a while, because addresses are added and removed.
 */
import type { Reader } from '../../../../native/index.ts'
import type { Family } from '../../../contract/model.ts'
import { addressText } from '../../common/addresses.ts'
import { queryRoute, type Route } from '../routes.ts'
import type { Delivery } from './rule.ts'

export type Place = { readonly netns: number; readonly family: Family; readonly address: Uint8Array }

const MAX_AGE_MS = 5000
/** Route lookups per call, at about 20 µs each on a worker thread. */
const MAX_LOOKUPS = 64
const MAX_CACHED = 10_000

const DELIVERIES: Readonly<Record<Route['kind'], Delivery>> = {
  local: 'one',
  unknown: 'one',
  everyone: 'copies',
  none: 'none',
  elsewhere: 'none',
}

export class Reachability {
  readonly #reader: Pick<Reader, 'query'>
  readonly #cache = new Map<string, { delivery: Delivery; at: number }>()

  constructor(reader: Pick<Reader, 'query'>) {
    this.#reader = reader
  }

  /** Looks up unknown and stale places, at most MAX_LOOKUPS per call; the rest at the next call. */
  async update(places: Iterable<Place>): Promise<void> {
    const stale = new Map<string, Place>()
    for (const place of places) {
      if (stale.size === MAX_LOOKUPS) break
      const known = this.#cache.get(keyOf(place))
      if (known === undefined || performance.now() - known.at > MAX_AGE_MS) {
        stale.set(keyOf(place), { ...place, address: place.address.slice() })
      }
    }
    await Promise.all(
      [...stale].map(async ([key, { netns, family, address }]) => {
        const route = await queryRoute(this.#reader, { netns, family, to: address })
        this.#cache.delete(key)
        this.#cache.set(key, {
          delivery: DELIVERIES[route.kind],
          at: performance.now(),
        })
      }),
    )
    for (const key of this.#cache.keys()) {
      if (this.#cache.size <= MAX_CACHED) break
      this.#cache.delete(key)
    }
  }

  /** `one` also where it is not known yet. */
  deliveryTo(place: Place): Delivery {
    return this.#cache.get(keyOf(place))?.delivery ?? 'one'
  }
}

function keyOf({ netns, family, address }: Place): string {
  return `${netns} ${addressText(address, family)}`
}
