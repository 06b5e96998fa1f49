/** What left lately, for readers of the streams that are behind. Who is further behind than this starts over. */
import type { Inspection } from './inspection.ts'
import type { Picture } from './picture.ts'
import { groupIdText, memberIdText } from './picture-fields.ts'
import type { Sweep } from './position.ts'

/** Refreshes for which it is remembered. */
const REMEMBERED = 120

type Departure = { refresh: number; groups: string[]; cookies: bigint[]; groupsOfCookies: bigint[] }

export class Departures {
  /** The engine's run, which positions name: another one knows nothing of them. */
  readonly epoch: string
  readonly #inspection: Pick<Inspection, 'resetAt'>
  readonly #departures: Departure[] = []
  #rememberedFrom = 0
  #seen = 0

  constructor(inspection: Pick<Inspection, 'resetAt'>, epoch: string) {
    this.#inspection = inspection
    this.epoch = epoch
  }

  /** To be called with every new picture, in order. */
  remember(picture: Picture): void {
    if (picture.refresh <= this.#seen) return
    this.#seen = picture.refresh
    const { goneGroups, goneSockets, goneSocketGroups } = picture.frame
    if (goneGroups.length > 0 || goneSockets.length > 0) {
      this.#departures.push({
        refresh: picture.refresh,
        groups: Array.from(goneGroups, groupIdText),
        cookies: [...goneSockets],
        groupsOfCookies: [...goneSocketGroups],
      })
    }
    this.#rememberedFrom = Math.max(0, picture.refresh - REMEMBERED)
    while (this.#departures[0] && this.#departures[0].refresh <= this.#rememberedFrom) this.#departures.shift()
  }

  /** Whether a reader that stands there can be told what changed since. */
  mayResume(position: Sweep): boolean {
    return position.epoch === this.epoch && position.began >= Math.max(this.#rememberedFrom, this.#inspection.resetAt)
  }

  /** Ids of the groups that left after this refresh. */
  groupsSince(refresh: number): string[] {
    return this.#departures.flatMap((departure) => (departure.refresh > refresh ? departure.groups : []))
  }

  /** Ids of the members that left the group `id` after this refresh. */
  socketsSince(id: string, refresh: number): string[] {
    const group = BigInt(`0x${id}`)
    return this.#departures.flatMap((departure) =>
      departure.refresh > refresh
        ? departure.cookies.filter((_, index) => departure.groupsOfCookies[index] === group).map(memberIdText)
        : [],
    )
  }

  /** Whether the group left lately: the difference between "gone" and "never heard of". */
  hasLeft(id: string): boolean {
    return this.#departures.some(({ groups }) => groups.includes(id))
  }
}
