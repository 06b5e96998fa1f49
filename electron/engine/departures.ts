/** What was removed recently, for readers of the streams that are behind. A reader further behind starts over. */
import type { Inspection } from './inspection.ts'
import type { Picture } from './picture.ts'
import { groupIdText, memberIdText } from './picture-fields.ts'
import type { Sweep } from './position.ts'

/** Number of refreshes for which removals are remembered. */
const REMEMBERED = 120

type Departure = { refresh: number; groups: string[]; cookies: bigint[]; groupsOfCookies: bigint[] }

export class Departures {
  /** The engine's run, part of every cursor: another run cannot resume from it. */
  readonly epoch: string
  readonly #inspection: Pick<Inspection, 'resetAt'>
  readonly #departures: Departure[] = []
  #rememberedFrom = 0
  #seen = 0

  constructor(inspection: Pick<Inspection, 'resetAt'>, epoch: string) {
    this.#inspection = inspection
    this.epoch = epoch
  }

  /** Call this with every new frame, in order. */
  remember(picture: Picture): void {
    if (picture.refresh <= this.#seen) return
    this.#seen = picture.refresh
    const { removedGroups, removedSockets, removedSocketGroups } = picture.frame
    if (removedGroups.length > 0 || removedSockets.length > 0) {
      this.#departures.push({
        refresh: picture.refresh,
        groups: Array.from(removedGroups, groupIdText),
        cookies: [...removedSockets],
        groupsOfCookies: [...removedSocketGroups],
      })
    }
    this.#rememberedFrom = Math.max(0, picture.refresh - REMEMBERED)
    while (this.#departures[0] && this.#departures[0].refresh <= this.#rememberedFrom) this.#departures.shift()
  }

  /** Whether a reader at this cursor can get the changes since. */
  mayResume(position: Sweep): boolean {
    return position.epoch === this.epoch && position.began >= Math.max(this.#rememberedFrom, this.#inspection.resetAt)
  }

  /** Ids of the groups that were removed after this refresh. */
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

  /** Whether the group was removed recently: distinguishes "removed" from "never existed". */
  hasLeft(id: string): boolean {
    return this.#departures.some(({ groups }) => groups.includes(id))
  }
}
