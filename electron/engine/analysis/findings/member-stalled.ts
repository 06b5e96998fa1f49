/**
 * One member's queue stands while its siblings' drain: its process is stuck or gone from its loop, and the hash goes on
 * sending it every n-th client. When all queues stand it is overload, not a stall, and a queue that was seen empty or
 * shorter once in the window belongs to a member that works.
 */
import { type GroupView, type MemberView, number, type Rule } from './rule.ts'
import { commands, counted, named } from './words.ts'

/** Slots over which a member must not have drained. */
const WINDOW = 5
/** UDP counts the buffer of one small datagram as some hundred bytes: less than this waits everywhere. */
const FEWEST_BYTES = 1

type History = { slot: number; lengths: number[] }

export function memberStalled(): Rule {
  /** Lengths of members whose queue is not empty, and of all members of such groups, by group and cookie. */
  const histories = new Map<string, Map<bigint, History>>()
  return {
    code: 'member-stalled',
    looksAt: 'values',
    raise: { hits: 1, of: 1 },
    calm: 2,
    examine(group, { slot }) {
      if (group.receiving < 2 || group.sharing === 'reuseaddr') return null
      if (group.queued < FEWEST_BYTES) {
        histories.delete(group.id)
        return null
      }
      const known = histories.get(group.id) ?? new Map<bigint, History>()
      histories.set(group.id, known)
      const { members } = group
      const living = new Set<bigint>()
      for (const { cookie, length } of members) {
        living.add(cookie)
        remember(known, cookie, length, slot)
      }
      for (const cookie of known.keys()) if (!living.has(cookie)) known.delete(cookie)
      const stalled = members.filter(({ cookie }) => stands(known.get(cookie)))
      const draining = members.filter(({ cookie }) => drains(known.get(cookie)))
      if (stalled.length === 0 || draining.length < members.length / 2) return 'watch'
      return verdict(group, stalled, draining)
    },
    forget: (id) => void histories.delete(id),
  }
}

function remember(known: Map<bigint, History>, cookie: bigint, length: number, slot: number): void {
  const history = known.get(cookie)
  if (history === undefined) known.set(cookie, { slot, lengths: [length] })
  else if (history.slot === slot) history.lengths[history.lengths.length - 1] = length
  else {
    history.slot = slot
    history.lengths.push(length)
    if (history.lengths.length > WINDOW) history.lengths.shift()
  }
}

/** Never empty, never shorter than before, over a whole window. */
function stands(history: History | undefined): boolean {
  if (history === undefined || history.lengths.length < WINDOW) return false
  return history.lengths.every((length, at) => length > 0 && length >= (history.lengths[at - 1] ?? 0))
}

/** Empty at some time, or shorter than before: somebody takes from it. */
function drains(history: History | undefined): boolean {
  if (history === undefined || history.lengths.length < WINDOW) return false
  return history.lengths.some((length, at) => length === 0 || length < (history.lengths[at - 1] ?? 0))
}

function verdict(group: GroupView, stalled: readonly MemberView[], draining: readonly MemberView[]) {
  const waiting = stalled.reduce((sum, { length }) => sum + length, 0)
  const unit = group.protocol === 'tcp' ? 'connections' : 'bytes'
  const siblingsPolled = draining.some(({ pollers }) => pollers !== null && pollers.length > 0)
  const unpolled = siblingsPolled && stalled.every(({ pollers }) => pollers === null || pollers.length === 0)
  const owners = commands(group, new Set(stalled.flatMap(({ holders }) => holders)))
  return {
    severity: 'critical' as const,
    members: stalled.map(({ cookie }) => cookie),
    summary: `${counted(stalled.length, 'member')} of ${group.receiving} of ${named(group)} ${stalled.length === 1 ? 'takes' : 'take'} nothing while the others do.`,
    numbers: [
      number('members that stand', stalled.length),
      number('members that drain', draining.length),
      number('waiting in the queues that stand', waiting, unit),
      number('share of clients that reach them', stalled.length / group.receiving),
    ],
    explanation: `The kernel picks a member by hash and does not look whether anybody reads from it, so ${stalled.length} in ${group.receiving} clients wait at a queue that does not move.${
      unpolled ? ' No process is seen to wait for these members with epoll, while others are waited for.' : ''
    }`,
    advice: `Look at who holds them (${owners}): is the process stopped, blocked, or did it take the descriptor out of its loop without closing it? Closing the member gives its share to the others.`,
  }
}
