/** What was removed recently, for readers of the streams that are behind. A reader further behind starts over. */
import type { Collector } from '../collect/collector.ts'
import { groupIdText, memberIdText } from '../collect/frame-fields.ts'
import type { FrameView } from '../collect/frame-view.ts'
import type { FrameCursor } from './cursor.ts'

/** Number of refreshes for which removals are remembered. */
const REMEMBERED_REFRESHES = 120

type Removal = { refresh: number; groups: string[]; cookies: bigint[]; groupsOfCookies: bigint[] }

export class RemovalLog {
  /** The engine's run, part of every cursor: another run cannot resume from it. */
  readonly epoch: string
  readonly #collector: Pick<Collector, 'resetAt'>
  readonly #removals: Removal[] = []
  #rememberedFrom = 0
  #seen = 0

  constructor(collector: Pick<Collector, 'resetAt'>, epoch: string) {
    this.#collector = collector
    this.epoch = epoch
  }

  /** Call this with every new frame, in order. */
  record(frame: FrameView): void {
    if (frame.refresh <= this.#seen) return
    this.#seen = frame.refresh
    const { removedGroups, removedSockets, removedSocketGroups } = frame.raw
    if (removedGroups.length > 0 || removedSockets.length > 0) {
      this.#removals.push({
        refresh: frame.refresh,
        groups: Array.from(removedGroups, groupIdText),
        cookies: [...removedSockets],
        groupsOfCookies: [...removedSocketGroups],
      })
    }
    this.#rememberedFrom = Math.max(0, frame.refresh - REMEMBERED_REFRESHES)
    while (this.#removals[0] && this.#removals[0].refresh <= this.#rememberedFrom) this.#removals.shift()
  }

  /** Whether a reader at this cursor can get the changes since. */
  canResume(cursor: FrameCursor): boolean {
    return cursor.epoch === this.epoch && cursor.began >= Math.max(this.#rememberedFrom, this.#collector.resetAt)
  }

  /** Ids of the groups that were removed after this refresh. */
  groupsRemovedSince(refresh: number): string[] {
    return this.#removals.flatMap((departure) => (departure.refresh > refresh ? departure.groups : []))
  }

  /** Ids of the members that left the group `id` after this refresh. */
  membersRemovedSince(id: string, refresh: number): string[] {
    const group = BigInt(`0x${id}`)
    return this.#removals.flatMap((departure) =>
      departure.refresh > refresh
        ? departure.cookies.filter((_, index) => departure.groupsOfCookies[index] === group).map(memberIdText)
        : [],
    )
  }

  /** Whether the group was removed recently: distinguishes "removed" from "never existed". */
  wasRemoved(id: string): boolean {
    return this.#removals.some(({ groups }) => groups.includes(id))
  }
}
