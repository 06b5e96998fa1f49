/** What a person looks for on the time line of a recording: the pictures in which something happened, and to whom. */
import { isFull } from '../../contract/fullness.ts'
import { receives } from '../../contract/meaning.ts'
import type { Group, Member, Snapshot } from '../../contract/model.ts'
import type { Mark, MarkKind } from '../../contract/snapshots.ts'
import { count, endpoint, protocolName, queueWords, several } from '../../contract/words.ts'

/** Marks of one kind: churn must not crowd out a queue that filled. */
const MOST_OF_A_KIND = 300

export class TimelineMarks {
  readonly #marks: Mark[] = []
  readonly #counts = new Map<MarkKind, number>()
  /** Groups that dropped in the picture before: drops that go on are no new mark. */
  #dropping = new Set<string>()
  #more = 0

  /** Takes picture `number` and the one before it. What they share must be the same object in both: it is not looked at. */
  add(number: number, before: Snapshot, after: Snapshot): void {
    const were = new Map(before.groups.map((group) => [group.id, group]))
    const dropping = new Set<string>()
    const mark = (kind: MarkKind, group: Group, words: string) => {
      this.#put({ picture: number, kind, group: group.id, words: `${protocolName(group)} ${endpoint(group)} ${words}` })
    }
    for (const group of after.groups) {
      const was = were.get(group.id)
      were.delete(group.id)
      if (was === group) continue
      if (was === undefined) {
        mark('came', group, `came with ${several(group.members.length, 'member')}`)
        continue
      }
      const { joined, left, waiting, filled, dropped } = happened(was, group)
      if (filled !== null) mark('filled', group, `is full: ${queueWords(filled.queue)}`)
      if (dropped > 0) dropping.add(group.id)
      if (dropped > 0 && !this.#dropping.has(group.id)) mark('dropped', group, `began to drop: ${count(dropped)}`)
      if (left > 0) mark('left', group, `lost ${several(left, 'member')}${waitingWords(waiting)}`)
      if (joined > 0) mark('joined', group, `gained ${several(joined, 'member')}`)
    }
    for (const group of were.values()) mark('went', group, `went, with ${several(group.members.length, 'member')}`)
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

function happened(before: Group, after: Group): Happened {
  const were = new Map(before.members.map((member) => [member.cookie, member]))
  let joined = 0
  let filled: Member | null = null
  let dropped = 0
  for (const member of after.members) {
    const was = were.get(member.cookie)
    were.delete(member.cookie)
    if (was === member) continue
    if (was === undefined) joined++
    else if (member.drops !== null && was.drops !== null) dropped += Math.max(0, member.drops - was.drops)
    if (filled === null && takesNothing(member) && (was === undefined || !takesNothing(was))) filled = member
  }
  let waiting = 0
  for (const { state, queue } of were.values()) if (receives(state)) waiting += queue.length ?? 0
  return { joined, left: were.size, waiting, filled, dropped }
}

function takesNothing({ state, queue }: Member): boolean {
  return receives(state) && isFull(queue)
}
