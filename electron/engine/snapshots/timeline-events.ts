/** The events of a recording's timeline: the snapshots in which something happened, and to which group. */

import { receives } from '../../contract/constants.ts'
import { endpoint, formatBytes, formatCount, formatQueue, pluralize, protocolName } from '../../contract/format.ts'
import type { Member, Protocol } from '../../contract/model.ts'
import type { TimelineEvent, TimelineEventKind } from '../../contract/snapshots.ts'
import { isFull } from '../../contract/utilization.ts'
import type { GroupStep } from './recording-state.ts'

/** Events of one kind: frequent changes of members must not crowd out a queue that filled. */
const MAX_PER_KIND = 300

export class TimelineEvents {
  readonly #events: TimelineEvent[] = []
  readonly #counts = new Map<TimelineEventKind, number>()
  /** Groups that dropped in the previous frame: drops that continue are no new event. */
  #dropping = new Set<string>()
  #omitted = 0

  /** Takes the changes between frame `number - 1` and frame `number`. */
  add(number: number, steps: readonly GroupStep[]): void {
    const dropping = new Set<string>()
    for (const { key, whole, size, members } of steps) {
      const event = (kind: TimelineEventKind, words: string) => {
        this.#put({ snapshot: number, kind, group: key.id, summary: `${protocolName(key)} ${endpoint(key)}: ${words}` })
      }
      if (whole === 'added') event('added', `added with ${pluralize(size, 'member')}`)
      if (whole === 'removed') event('removed', `removed with ${pluralize(size, 'member')}`)
      const { joined, left, waiting, filled, dropped } = memberChanges(members)
      if (filled !== null) event('full', `queue full, ${formatQueue(filled.queue)}`)
      if (dropped > 0) dropping.add(key.id)
      if (dropped > 0 && !this.#dropping.has(key.id)) event('drops', `drops started, ${formatCount(dropped)} so far`)
      if (left > 0) event('left', `${pluralize(left, 'member')} removed${describeQueued(waiting, key.protocol)}`)
      if (joined > 0) event('joined', `${pluralize(joined, 'member')} added`)
    }
    this.#dropping = dropping
  }

  all(): { events: TimelineEvent[]; omitted: number } {
    return { events: this.#events, omitted: this.#omitted }
  }

  #put(mark: TimelineEvent): void {
    const known = this.#counts.get(mark.kind) ?? 0
    this.#counts.set(mark.kind, known + 1)
    if (known < MAX_PER_KIND) this.#events.push(mark)
    else this.#omitted++
  }
}

function describeQueued(waiting: number, protocol: Protocol): string {
  if (waiting === 0) return ''
  return `, with ${protocol === 'udp' ? formatBytes(waiting) : pluralize(waiting, 'connection')} queued`
}

type MemberChanges = {
  readonly joined: number
  readonly left: number
  /** Queued on removed members: connections, or bytes. */
  readonly waiting: number
  /** The first member whose queue reached its limit. */
  readonly filled: Member | null
  readonly dropped: number
}

function memberChanges(members: GroupStep['members']): MemberChanges {
  let joined = 0
  let left = 0
  let waiting = 0
  let filled: Member | null = null
  let dropped = 0
  for (const { before, after } of members) {
    if (after === null) {
      left++
      if (before !== null && receives(before.state)) waiting += before.queue.length ?? 0
      continue
    }
    if (before === null) joined++
    else if (after.drops !== null && before.drops !== null) dropped += Math.max(0, after.drops - before.drops)
    if (filled === null && isQueueFull(after) && (before === null || !isQueueFull(before))) filled = after
  }
  return { joined, left, waiting, filled, dropped }
}

function isQueueFull({ state, queue }: Member): boolean {
  return receives(state) && isFull(queue)
}
