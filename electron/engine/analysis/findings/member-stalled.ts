/**
 * One member's queue stands while its siblings' drain: its process is stuck or gone from its loop, and the hash goes on
 * sending it every n-th client. When all queues stand it is overload, not a stall, and a queue that was seen empty or
 * shorter once in the window belongs to a member that works.
 */
import { NOTHING, text } from '../../prose.ts'
import { type GroupView, type MemberView, number, percent, type Rule } from './rule.ts'
import { named, servers, whichMembers } from './words.ts'

/** Slots over which a member must not have drained. */
const WINDOW = 5
/**
 * The longest queue, as long as it does not become shorter; which member has it may change, where several stand. One that
 * stands while others drain comes to be the longest, so only then are all members followed: of most groups this is all
 * that is ever looked at.
 */
type Suspect = { length: number; slot: number; looks: number }
/** Looks before a suspect's whole group is followed. */
const SUSPICIOUS = 3

/** What is kept of a group's members, in their order: numbers only, for there may be a hundred thousand of them. */
type History = {
  membership: number
  cookies: BigUint64Array
  slot: number
  lengths: Uint32Array
  /** Looks in a row in which the queue was not empty and not shorter than before, up to WINDOW. */
  standing: Uint8Array
  /** Looks since it was seen empty or shorter, up to WINDOW. */
  sinceDrained: Uint8Array
  looks: number
}

export function memberStalled(): Rule {
  const suspects = new Map<string, Suspect>()
  const histories = new Map<string, History>()
  return {
    code: 'member-stalled',
    looksAt: 'values',
    raise: { hits: 1, of: 1 },
    calm: 2,
    examine(group, { slot }) {
      if (group.receiving < 2 || group.sharing === 'reuseaddr') return null
      const { id, fullest } = group
      if (fullest === null || fullest.length === 0) {
        if (suspects.delete(id)) histories.delete(id)
        return null
      }
      const suspect = suspects.get(id)
      if (suspect === undefined || fullest.length < suspect.length) {
        suspects.set(id, { length: fullest.length, slot, looks: 1 })
        if (suspect !== undefined) histories.delete(id)
        return 'watch'
      }
      if (suspect.slot !== slot) suspect.looks++
      suspect.slot = slot
      suspect.length = fullest.length
      if (suspect.looks < SUSPICIOUS) return 'watch'
      const { members } = group
      const history = follow(histories.get(id), group.membership, members)
      histories.set(id, history)
      remember(history, members, slot)
      if (history.looks < WINDOW) return 'watch'
      let standing = 0
      let draining = 0
      for (let at = 0; at < members.length; at++) {
        if (history.standing[at] === WINDOW) standing++
        else if ((history.sinceDrained[at] ?? WINDOW) < WINDOW) draining++
      }
      if (standing === 0 || draining < members.length / 2) return 'watch'
      const stalled = members.filter((_, at) => history.standing[at] === WINDOW)
      const others = members.filter((_, at) => history.standing[at] !== WINDOW)
      return verdict(group, stalled, others, draining)
    },
    forget: (id) => {
      suspects.delete(id)
      histories.delete(id)
    },
  }
}

/** The history, carried over to the members of now: where they changed, what is known of those that stayed is kept. */
function follow(old: History | undefined, membership: number, members: readonly MemberView[]): History {
  if (old?.membership === membership && old.cookies.length === members.length) return old
  const next: History = {
    membership,
    cookies: BigUint64Array.from(members, ({ cookie }) => cookie),
    slot: old?.slot ?? Number.NEGATIVE_INFINITY,
    lengths: new Uint32Array(members.length),
    standing: new Uint8Array(members.length),
    sinceDrained: new Uint8Array(members.length).fill(WINDOW),
    looks: old?.looks ?? 0,
  }
  const places = new Map(Array.from(old?.cookies ?? [], (cookie, at) => [cookie, at]))
  for (const [at, cookie] of next.cookies.entries()) {
    const before = places.get(cookie)
    if (old === undefined || before === undefined) continue
    next.lengths[at] = old.lengths[before] ?? 0
    next.standing[at] = old.standing[before] ?? 0
    next.sinceDrained[at] = old.sinceDrained[before] ?? WINDOW
  }
  return next
}

function remember(history: History, members: readonly MemberView[], slot: number): void {
  // A second look in one slot of time tells nothing new.
  if (history.slot === slot) return
  history.slot = slot
  history.looks = Math.min(WINDOW, history.looks + 1)
  for (let at = 0; at < members.length; at++) {
    const length = members[at]?.length ?? 0
    const drained = length === 0 || length < (history.lengths[at] ?? 0)
    history.standing[at] = drained ? Number(length > 0) : Math.min(WINDOW, (history.standing[at] ?? 0) + 1)
    history.sinceDrained[at] = drained ? 0 : Math.min(WINDOW, (history.sinceDrained[at] ?? WINDOW) + 1)
    history.lengths[at] = length
  }
}

function verdict(group: GroupView, stalled: readonly MemberView[], others: readonly MemberView[], draining: number) {
  const waiting = stalled.reduce((sum, { length }) => sum + length, 0)
  const unit = group.protocol === 'tcp' ? 'connections' : 'bytes'
  const siblingsPolled = others.some(({ pollers }) => pollers !== null && pollers.length > 0)
  const unpolled = siblingsPolled && stalled.every(({ pollers }) => pollers === null || pollers.length === 0)
  return {
    severity: 'critical' as const,
    members: stalled.map(({ cookie }) => cookie),
    summary: text`${whichMembers(group, stalled)} of ${named(group)} ${stalled.length === 1 ? text`does not drain its queue` : text`do not drain their queues`}; the others do, or have none.`,
    numbers: [
      number('members whose queue stands still', stalled.length),
      number('members whose queue drains or is empty', draining),
      number('waiting in the queues that stand still', waiting, unit),
      number('share of clients that reach them', percent(stalled.length, group.receiving), '%'),
    ],
    explanation: text`The kernel picks a member by hash and does not look at whether anybody reads from it, so ${stalled.length} in ${group.receiving} clients wait at a queue that does not move.${
      unpolled ? text` No process is seen to wait for these members with epoll, while others are waited for.` : NOTHING
    }`,
    advice: text`Look at ${servers(group, stalled)}: is the process stopped, blocked, too slow, or did it take the descriptor out of its loop without closing it? Closing the member gives its share to the others.`,
  }
}
