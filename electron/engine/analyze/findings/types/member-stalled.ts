/**
 * One member's queue is stuck while those of its siblings drain: its process is blocked or no longer serves it, and the
 * hash keeps sending it every n-th client. If all queues are stuck it is overload, not a stall; a queue that was empty
 * or shorter once in the window belongs to a working member.
 */
import { NOTHING, text } from '../../../common/prose.ts'
import { relieveQueue } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { endpointName, memberNames, servingProcesses } from '../phrases.ts'
import { type GroupView, type MemberView, number, percent } from '../rule.ts'

/** Slots in which a member must not have drained. */
const WINDOW = 5
/**
 * The longest queue, for as long as it does not shrink; where several are stuck, the member that has it may change. A
 * stuck queue becomes the longest while others drain, so all members are followed only then: for most groups this is
 * all that is ever checked. No looks: it is empty. Entries stay, because adding and removing them costs more than all
 * else where thousands of queues fill and drain.
 */
type Suspect = { length: number; slot: number; looks: number }
/** Examinations before all members of a suspect's group are followed. */
const SUSPECT_LOOKS = 3

/** History of a group's members, in their order. Typed arrays, because there may be a hundred thousand members. */
type History = {
  membership: number
  cookies: BigUint64Array
  slot: number
  lengths: Uint32Array
  /** Examinations in a row in which the queue was neither empty nor shorter than before, up to WINDOW. */
  stuck: Uint8Array
  /** Examinations since it was last empty or shorter, up to WINDOW. */
  sinceDrained: Uint8Array
  looks: number
}

export default {
  importance: 160,
  tag: 'stalled',
  cause: 'queue',
  clause: null,
  source:
    'The queue of each member was read at several consecutive refreshes: these were never empty and never shrank, while others did. Which process waits on a member with epoll is read from /proc where permitted. Why that process accepts nothing is not visible from here.',
  recipe: 'slow-worker',
  steps: relieveQueue,
  rule: () => {
    const suspects = new Map<string, Suspect>()
    const histories = new Map<string, History>()
    const clear = (suspect: Suspect, id: string) => {
      if (suspect.looks >= SUSPECT_LOOKS) histories.delete(id)
      suspect.looks = suspect.length = 0
    }
    return {
      trigger: 'values',
      examine(group, { slot }) {
        if (group.receiving < 2 || group.sharing === 'reuseaddr') return null
        const { id, fullest } = group
        const suspect = suspects.get(id)
        if (fullest === null || fullest.length === 0) {
          if (suspect !== undefined) clear(suspect, id)
          return null
        }
        if (suspect === undefined) {
          suspects.set(id, { length: fullest.length, slot, looks: 1 })
          return 'watch'
        }
        if (fullest.length < suspect.length) clear(suspect, id)
        if (suspect.slot !== slot || suspect.looks === 0) suspect.looks++
        suspect.slot = slot
        suspect.length = fullest.length
        if (suspect.looks < SUSPECT_LOOKS) return 'watch'
        const { members } = group
        const history = follow(histories.get(id), group.membership, members)
        histories.set(id, history)
        recordLengths(history, members, slot)
        if (history.looks < WINDOW) return 'watch'
        let standing = 0
        let draining = 0
        for (let at = 0; at < members.length; at++) {
          if (history.stuck[at] === WINDOW) standing++
          else if ((history.sinceDrained[at] ?? WINDOW) < WINDOW) draining++
        }
        if (standing === 0 || draining < members.length / 2) return 'watch'
        const stalled = members.filter((_, at) => history.stuck[at] === WINDOW)
        const others = members.filter((_, at) => history.stuck[at] !== WINDOW)
        return verdict(group, stalled, others, draining)
      },
      forget: (id) => {
        suspects.delete(id)
        histories.delete(id)
      },
    }
  },
} satisfies FindingType

/** The history for the current members: if they changed, the entries of those that stayed are kept. */
function follow(old: History | undefined, membership: number, members: readonly MemberView[]): History {
  if (old?.membership === membership && old.cookies.length === members.length) return old
  const next: History = {
    membership,
    cookies: BigUint64Array.from(members, ({ cookie }) => cookie),
    slot: old?.slot ?? Number.NEGATIVE_INFINITY,
    lengths: new Uint32Array(members.length),
    stuck: new Uint8Array(members.length),
    sinceDrained: new Uint8Array(members.length).fill(WINDOW),
    looks: old?.looks ?? 0,
  }
  const places = new Map(Array.from(old?.cookies ?? [], (cookie, at) => [cookie, at]))
  for (const [at, cookie] of next.cookies.entries()) {
    const before = places.get(cookie)
    if (old === undefined || before === undefined) continue
    next.lengths[at] = old.lengths[before] ?? 0
    next.stuck[at] = old.stuck[before] ?? 0
    next.sinceDrained[at] = old.sinceDrained[before] ?? WINDOW
  }
  return next
}

function recordLengths(history: History, members: readonly MemberView[], slot: number): void {
  // A second examination in one slot adds nothing.
  if (history.slot === slot) return
  history.slot = slot
  history.looks = Math.min(WINDOW, history.looks + 1)
  for (let at = 0; at < members.length; at++) {
    const length = members[at]?.length ?? 0
    const drained = length === 0 || length < (history.lengths[at] ?? 0)
    history.stuck[at] = drained ? Number(length > 0) : Math.min(WINDOW, (history.stuck[at] ?? 0) + 1)
    history.sinceDrained[at] = drained ? 0 : Math.min(WINDOW, (history.sinceDrained[at] ?? WINDOW) + 1)
    history.lengths[at] = length
  }
}

function verdict(group: GroupView, stalled: readonly MemberView[], others: readonly MemberView[], draining: number) {
  const waiting = stalled.reduce((sum, { length }) => sum + length, 0)
  const unit = group.protocol === 'tcp' ? 'connections' : 'bytes'
  const copies = group.delivery === 'copies'
  const siblingsPolled = others.some(({ pollers }) => pollers !== null && pollers.length > 0)
  const unpolled = siblingsPolled && stalled.every(({ pollers }) => pollers === null || pollers.length === 0)
  return {
    severity: 'critical' as const,
    members: stalled.map(({ cookie }) => cookie),
    summary: text`${memberNames(group, stalled)} at ${endpointName(group)} ${stalled.length === 1 ? text`is not draining its queue` : text`are not draining their queues`} (${waiting} ${group.protocol === 'tcp' ? (waiting === 1 ? text`connection` : text`connections`) : text`bytes`}); the others are, or are empty.`,
    evidence: [
      number('members with a stuck queue', stalled.length),
      number('members whose queue drains or is empty', draining),
      number('waiting in the stuck queues', waiting, unit),
      ...(copies ? [] : [number('share of clients that reach them', percent(stalled.length, group.receiving), '%')]),
    ],
    explanation: text`${copies ? text`Each member gets a copy of every datagram for this address; what is in a queue that does not move is not read, and when it is full the member loses the rest.` : text`The kernel picks a member by hash and does not check whether anyone reads from it, so ${stalled.length} in ${group.receiving} clients ${stalled.length === 1 ? text`waits` : text`wait`} in a queue that does not move.`}${
      unpolled ? text` No process is waiting for these members with epoll, but other members have one.` : NOTHING
    }`,
    advice: text`Look at ${servingProcesses(group, stalled)}: is the process stopped, blocked or too slow, or did it remove the descriptor from its event loop without closing it? ${copies ? text`Close the member if nothing needs it.` : text`Closing the member gives its share to the others.`}`,
  }
}
