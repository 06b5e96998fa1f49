/** The sentence at the top of a group: which member is in trouble, and why. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import { getsCopies } from '../../../electron/contract/multicast.ts'
import { countOf, formatCount, formatQueue, formatRate, formatSpan } from '../../ui/format.ts'
import { DROPS, FULL, HERE, type MemberColumns, NEARLY_FULL } from './member-columns.ts'
import type { MemberEntry } from './member-entry.ts'
import { ownerText } from './member-owner.ts'

export type GroupVerdict = {
  severity: 'critical' | 'warning' | 'info' | 'none'
  /** The answer, in bold. */
  answer: string
  /** Numbers and context; may be empty. */
  reason: string
}

/** How long the fullest queue has been full. `atLeast`: the history does not go back further. */
export type FullFor = { ms: number; atLeast: boolean }

/** Up to this many members are named; more are counted. */
const NAMED = 5
/** A process with this share of its members full, and at least this many, counts as slow. */
const SLOW_SHARE = 0.5
const SLOW_AT_LEAST = 3
/** Thousandths up to which a queue is "nearly empty". */
const NEARLY_EMPTY = 120

/** `columns` are those of the receiving members. `fullFor` is null if unknown. */
export function groupVerdict(row: GroupRow, columns: MemberColumns, fullFor: FullFor | null): GroupVerdict {
  const queues = queueStats(columns)
  const { members, near } = queues
  if (queues.full.length > 0) return { severity: 'critical', ...fullVerdict(row, queues, fullFor) }
  const rate = row.dropsPerSecond ?? 0
  if (rate > 0) return { severity: 'critical', ...droppingVerdict(row, queues, rate) }
  const worst = near.reduce<MemberEntry | null>((best, one) => (one.fill > (best?.fill ?? -1) ? one : best), null)
  if (worst) {
    const answer =
      near.length === 1
        ? `${nameOf(worst, members)} is nearly full.`
        : `${formatCount(near.length)} of ${countOf(members, 'member')} are nearly full.`
    return {
      severity: 'warning',
      answer,
      reason: `${near.length === 1 ? 'Its' : 'The fullest'} queue holds ${queueText(worst, row)}; nothing is being dropped.`,
    }
  }
  return healthyVerdict(row, queues)
}

type Queues = {
  columns: MemberColumns
  /** Number of present members. */
  members: number
  full: readonly MemberEntry[]
  near: readonly MemberEntry[]
  /** null if no queue's utilization is known. */
  fullest: MemberEntry | null
  /** Utilization (thousandths) of the fullest queue that is not full; null if one of them is unknown. */
  highestOfOthers: number | null
}

function queueStats(columns: MemberColumns): Queues {
  const { flags, fills } = columns
  let highestOfOthers: number | null = -1
  for (let index = 0; index < flags.length; index++) {
    if (((flags[index] ?? 0) & (HERE | FULL)) !== HERE) continue
    const fill = fills[index] ?? -1
    if (fill < 0) highestOfOthers = null
    else if (highestOfOthers !== null && fill > highestOfOthers) highestOfOthers = fill
  }
  const [fullest] = columns.fullest(1)
  return {
    columns,
    members: columns.count(HERE),
    full: columns.pick(columns.which(FULL)),
    near: columns.pick(columns.which(NEARLY_FULL)),
    fullest: fullest === undefined || fullest.fill < 0 ? null : fullest,
    highestOfOthers,
  }
}

function fullVerdict(row: GroupRow, queues: Queues, fullFor: FullFor | null): Omit<GroupVerdict, 'severity'> {
  const { members, full } = queues
  const [only] = full
  const since =
    fullFor === null || fullFor.ms < 2000 ? '' : `, for ${fullFor.atLeast ? 'at least ' : ''}${formatSpan(fullFor.ms)}`
  const drops = dropsPhrase(row)
  if (full.length === 1 && only) {
    const { queue } = only.row
    const { length, limit, unit } = formatQueue(queue.length, queue.limit, queue.unit)
    const waiting =
      queue.unit === 'connections'
        ? `${length} connections queued (limit ${limit})`
        : `${length} of ${limit} ${unit} of datagrams queued`
    return {
      answer: members === 1 ? 'Its queue is full.' : `Member ${formatCount(only.number)} is full.`,
      reason: `${waiting}${since}${drops === '' ? '' : `; ${drops}`}.${othersPhrase(queues)}`,
    }
  }
  const slow = slowProcess(queues)
  if (slow) {
    const elsewhere = full.length - slow.full
    return {
      answer: 'One process is slow.',
      reason: `${formatCount(slow.full)} of the ${countOf(slow.members, 'member')} of ${slow.name} are full${drops === '' ? '' : `; ${drops}`}; ${elsewhere === 0 ? 'no other member is' : elsewhere === 1 ? 'one other member is' : `${formatCount(elsewhere)} other members are`}.`,
    }
  }
  const everyone = full.length === members
  const answer = everyone
    ? `${allOf(members, 'members')} are full.`
    : `${formatCount(full.length)} of ${countOf(members, 'member')} are full.`
  const named =
    !everyone && full.length <= NAMED
      ? `Members ${listOf(full.map(({ number }) => formatCount(number)))}${since}`
      : since.replace(/^, f/, 'F')
  const rest = everyone ? '' : othersPhrase(queues)
  const first = [named, drops].filter(Boolean).join('; ')
  return { answer, reason: `${first === '' ? '' : `${first[0]?.toUpperCase()}${first.slice(1)}.`}${rest}`.trim() }
}

/** " The other 15 are nearly empty." */
function othersPhrase({ members, full, highestOfOthers }: Queues): string {
  const others = members - full.length
  if (others === 0 || highestOfOthers === null) return ''
  const who = others === 1 ? 'The other one is' : `The other ${formatCount(others)} are`
  if (highestOfOthers === 0) return ` ${who} empty.`
  return highestOfOthers <= NEARLY_EMPTY
    ? ` ${who} nearly empty.`
    : ` ${who} at most ${Math.round(highestOfOthers / 10)}\u00A0% full.`
}

function droppingVerdict(row: GroupRow, queues: Queues, rate: number): Omit<GroupVerdict, 'severity'> {
  const { members, fullest, columns } = queues
  const dropping = columns.which(DROPS)
  const [first] = columns.pick(dropping.slice(0, 1))
  const what = unitOf(row)
  const fill = fullest
    ? ` The fullest queue is at ${Math.round(fullest.fill / 10)}\u00A0% right now: it fills and drains between refreshes.`
    : ''
  if (dropping.length === 1 && first) {
    return {
      answer: `${nameOf(first, members)} is dropping ${formatRate(rate)} ${what} per second.`,
      reason: fill.trim(),
    }
  }
  const who = dropping.length === 0 ? 'The group' : `${formatCount(dropping.length)} of ${countOf(members, 'member')}`
  return {
    answer: `${who} ${dropping.length === 0 ? 'is' : 'are'} dropping ${formatRate(rate)} ${what} per second.`,
    reason: fill.trim(),
  }
}

function healthyVerdict(row: GroupRow, { members, fullest }: Queues): GroupVerdict {
  const state =
    fullest === null
      ? 'Its queue lengths are unknown.'
      : fullest.row.queue.length === 0
        ? members === 1
          ? 'Its queue is empty.'
          : `${allOf(members, 'queues')} are empty.`
        : `${members === 1 ? 'Its queue' : 'The fullest queue'} holds ${queueText(fullest, row)}.`
  const drops = row.dropsPerSecond === null ? ' Drops are unknown.' : ' Nothing is being dropped.'
  if (members === 0) {
    return {
      severity: 'none',
      answer: 'No receiving socket.',
      reason:
        row.connected > 0 ? 'Connected sockets receive only from their own peer.' : 'They are bound but not listening.',
    }
  }
  switch (row.sharing) {
    case 'reuseaddr':
      if (members === 1 || getsCopies(row)) break
      return {
        severity: 'info',
        answer: 'The newest member receives everything.',
        reason: `These ${formatCount(members)} sockets share the port through SO_REUSEADDR, which does not distribute.${drops}`,
      }
    case 'inherited':
      return {
        severity: 'none',
        answer: 'One queue, not a group.',
        reason: `One socket shared by ${countOf(row.holders, 'process', 'processes')}. ${state}${drops}`,
      }
    case 'none':
      return {
        severity: 'none',
        answer:
          row.ownersHidden > 0
            ? 'An unshared socket, as far as is visible: its processes cannot be read.'
            : 'An unshared socket: it is in no group.',
        reason: `${state}${drops}`,
      }
    case 'unknown':
      return { severity: 'info', answer: 'How these sockets share the port is unknown.', reason: `${state}${drops}` }
    default:
  }
  const known = fullest !== null && row.dropsPerSecond !== null
  return {
    severity: 'none',
    answer: known ? 'Nothing is wrong here.' : 'Nothing is known to be wrong here.',
    reason: `${state}${drops}`,
  }
}

/** "Both queues", "All 3 queues". */
function allOf(count: number, things: string): string {
  return count === 2 ? `Both ${things}` : `All ${formatCount(count)} ${things}`
}

type SlowProcess = { name: string; full: number; members: number }

/** The process that owns most of the full members, if most of its own members are full. */
function slowProcess({ columns: { flags, pids }, members, full }: Queues): SlowProcess | null {
  const counts = new Map<number, number>()
  for (const { owner } of full) if (owner) counts.set(owner.pid, (counts.get(owner.pid) ?? 0) + 1)
  const [worst] = [...counts].sort((a, b) => b[1] - a[1])
  if (!worst || worst[1] < SLOW_AT_LEAST || worst[1] < full.length * SLOW_SHARE) return null
  const [pid, fullOfIt] = worst
  let own = 0
  for (let index = 0; index < pids.length; index++) {
    if (pids[index] === pid && ((flags[index] ?? 0) & HERE) !== 0) own++
  }
  if (own === members || fullOfIt < own * SLOW_SHARE) return null
  const command = full.find(({ owner }) => owner?.pid === pid)?.owner?.command ?? null
  return { name: ownerText({ command, pid }), full: fullOfIt, members: own }
}

function nameOf(member: MemberEntry, members: number): string {
  return members === 1 ? 'Its only member' : `Member ${formatCount(member.number)}`
}

/** "5 of 511 connections", "13.6 of 208 KiB". */
function queueText(member: MemberEntry, row: GroupRow): string {
  const { queue } = member.row
  const { length, limit, unit } = formatQueue(queue.length, queue.limit, queue.unit)
  return `${length ?? 'an unknown number'} of ${limit ?? 'an unknown limit'} ${unit || unitOf(row)}`
}

function dropsPhrase(row: GroupRow): string {
  const rate = row.dropsPerSecond ?? 0
  if (rate <= 0) return ''
  return row.protocol === 'tcp'
    ? `${formatRate(rate)} new connections dropped per second`
    : `${formatRate(rate)} datagrams dropped per second`
}

function unitOf(row: GroupRow): string {
  return row.protocol === 'tcp' ? 'connections' : 'datagrams'
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
