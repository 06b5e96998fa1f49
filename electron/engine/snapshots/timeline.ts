/** The events of a recording's timeline: the snapshots in which something happened, and to which group. */
import { isFull } from '../../contract/fullness.ts'
import { receives } from '../../contract/meaning.ts'
import type { Member, Protocol } from '../../contract/model.ts'
import type { Mark, MarkKind } from '../../contract/snapshots.ts'
import { bytesInWords, count, endpoint, protocolName, queueWords, several } from '../../contract/words.ts'
import type { GroupStep } from './moving-picture.ts'

/** Events of one kind: frequent changes of members must not crowd out a queue that filled. */
const MOST_OF_A_KIND = 300

export class TimelineMarks {
  readonly #marks: Mark[] = []
  readonly #counts = new Map<MarkKind, number>()
  /** Groups that dropped in the previous frame: drops that continue are no new event. */
  #dropping = new Set<string>()
  #more = 0

  /** Takes the changes between frame `number - 1` and frame `number`. */
  add(number: number, steps: readonly GroupStep[]): void {
    const dropping = new Set<string>()
    for (const { key, whole, size, members } of steps) {
      const mark = (kind: MarkKind, words: string) => {
        this.#put({ picture: number, kind, group: key.id, words: `${protocolName(key)} ${endpoint(key)}: ${words}` })
      }
      if (whole === 'came') mark('came', `added with ${several(size, 'member')}`)
      if (whole === 'went') mark('went', `removed with ${several(size, 'member')}`)
      const { joined, left, waiting, filled, dropped } = happened(members)
      if (filled !== null) mark('filled', `queue full, ${queueWords(filled.queue)}`)
      if (dropped > 0) dropping.add(key.id)
      if (dropped > 0 && !this.#dropping.has(key.id)) mark('dropped', `drops started, ${count(dropped)} so far`)
      if (left > 0) mark('left', `${several(left, 'member')} removed${waitingWords(waiting, key.protocol)}`)
      if (joined > 0) mark('joined', `${several(joined, 'member')} added`)
    }
    this.#dropping = dropping
  }

  all(): { marks: Mark[]; more: number } {
    return { marks: this.#marks, more: this.#more }
  }

  #put(mark: Mark): void {
    const known = this.#counts.get(mark.kind) ?? 0
    this.#counts.set(mark.kind, known + 1)
    if (known < MOST_OF_A_KIND) this.#marks.push(mark)
    else this.#more++
  }
}

function waitingWords(waiting: number, protocol: Protocol): string {
  if (waiting === 0) return ''
  return `, with ${protocol === 'udp' ? bytesInWords(waiting) : several(waiting, 'connection')} queued`
}

type Happened = {
  readonly joined: number
  readonly left: number
  /** Queued on removed members: connections, or bytes. */
  readonly waiting: number
  /** The first member whose queue reached its limit. */
  readonly filled: Member | null
  readonly dropped: number
}

function happened(members: GroupStep['members']): Happened {
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
    if (filled === null && takesNothing(after) && (before === null || !takesNothing(before))) filled = after
  }
  return { joined, left, waiting, filled, dropped }
}

function takesNothing({ state, queue }: Member): boolean {
  return receives(state) && isFull(queue)
}
