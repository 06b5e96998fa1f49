/** What a person looks for on the time line of a recording: the pictures in which something happened, and to whom. */
import { isFull } from '../../contract/fullness.ts'
import { receives } from '../../contract/meaning.ts'
import type { Member } from '../../contract/model.ts'
import type { Mark, MarkKind } from '../../contract/snapshots.ts'
import { count, endpoint, protocolName, queueWords, several } from '../../contract/words.ts'
import type { GroupStep } from './moving-picture.ts'

/** Marks of one kind: churn must not crowd out a queue that filled. */
const MOST_OF_A_KIND = 300

export class TimelineMarks {
  readonly #marks: Mark[] = []
  readonly #counts = new Map<MarkKind, number>()
  /** Groups that dropped in the picture before: drops that go on are no new mark. */
  #dropping = new Set<string>()
  #more = 0

  /** Takes what made picture `number` of the one before it. */
  add(number: number, steps: readonly GroupStep[]): void {
    const dropping = new Set<string>()
    for (const { key, whole, size, members } of steps) {
      const mark = (kind: MarkKind, words: string) => {
        this.#put({ picture: number, kind, group: key.id, words: `${protocolName(key)} ${endpoint(key)} ${words}` })
      }
      if (whole === 'came') mark('came', `came with ${several(size, 'member')}`)
      if (whole === 'went') mark('went', `went, with ${several(size, 'member')}`)
      const { joined, left, waiting, filled, dropped } = happened(members)
      if (filled !== null) mark('filled', `is full: ${queueWords(filled.queue)}`)
      if (dropped > 0) dropping.add(key.id)
      if (dropped > 0 && !this.#dropping.has(key.id)) mark('dropped', `began to drop: ${count(dropped)}`)
      if (left > 0) mark('left', `lost ${several(left, 'member')}${waitingWords(waiting)}`)
      if (joined > 0) mark('joined', `gained ${several(joined, 'member')}`)
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

function waitingWords(waiting: number): string {
  return waiting > 0 ? `; ${count(waiting)} waited in their queues` : ''
}

type Happened = {
  readonly joined: number
  readonly left: number
  /** What waited in the queues of those that left: connections, or bytes. */
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
