/** A comparison in words: sentences made of its own numbers, and of nothing else. */

import type { Comparison, GroupComparison, HoldingCommand } from '../../contract/comparison.ts'
import { isFull } from '../../contract/fullness.ts'
import type { Queue } from '../../contract/model.ts'
import { amount, bytesInWords, count, queueWords, several } from '../../contract/words.ts'
import type { Opaque } from './compare-pseudonyms.ts'

/** "1 connection waited", "12 KiB waited". */
function waited(many: number, unit: Queue['unit']): string {
  return `${unit === 'bytes' ? bytesInWords(many) : several(many, 'connection')} waited`
}

/** "nginx ×4, haproxy"; "unknown" where nobody may be seen. */
export function ownerWords(owners: readonly HoldingCommand[]): string {
  if (owners.length === 0) return 'unknown'
  const shown = owners.slice(0, 4).map(({ command, processes }) => `${command}${processes > 1 ? ` ×${processes}` : ''}`)
  return shown.join(', ') + (owners.length > 4 ? ` and ${several(owners.length - 4, 'other')}` : '')
}

/** "50 minutes", of the largest unit that fits, with one more where the first is small. */
export function durationWords(milliseconds: number): string {
  const units = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1000, 'second'],
  ] as const
  const absolute = Math.abs(milliseconds)
  const at = units.findIndex(([size]) => absolute >= size)
  const unit = units[at]
  if (unit === undefined) return several(Math.round(absolute), 'millisecond')
  const whole = Math.floor(absolute / unit[0])
  const next = units[at + 1]
  const rest = next === undefined ? 0 : Math.floor((absolute - whole * unit[0]) / next[0])
  return whole < 3 && next !== undefined && rest > 0
    ? `${several(whole, unit[1])} ${several(rest, next[1])}`
    : several(whole, unit[1])
}

/** What happened to one group, a sentence each, the weightiest first. */
export function groupWords(group: GroupComparison): string[] {
  if (group.change === 'came') {
    const held = group.owners.after.length > 0 ? `, held by ${ownerWords(group.owners.after)}` : ''
    return [`It came: ${several(group.members.after, 'member')}${held}.`]
  }
  if (group.change === 'went') {
    return [`It went: ${several(group.members.before, 'member')}. ${lastSeenWords(group.queue.before)}`]
  }
  return [
    ...lossWords(group),
    ...queueMoveWords(group),
    ...memberWords(group),
    ...ownershipWords(group),
    ...kindWords(group),
  ]
}

function lastSeenWords(queue: Queue): string {
  if (queue.length === null) return 'What waited in its queues is not known.'
  return queue.length === 0
    ? 'Its queues were last seen empty.'
    : `${waited(queue.length, queue.unit)} in its queues when it was last seen.`
}

function lossWords({ dropped, droppedPerSecond, key, went }: GroupComparison): string[] {
  if (dropped === null || dropped === 0) return []
  const what = key.protocol === 'tcp' ? several(dropped, 'connection attempt') : several(dropped, 'datagram')
  const rate = droppedPerSecond === null ? '' : `, ${rateWords(droppedPerSecond)}`
  // What a member lost before it left went with it.
  return [`${went.length > 0 ? 'At least ' : ''}${what} ${dropped === 1 ? 'was' : 'were'} dropped${rate}.`]
}

/** "12.5 a second", "3 an hour" where a second is too short to count in. */
export function rateWords(perSecond: number): string {
  const units = [
    [1, 'a second'],
    [60, 'a minute'],
    [3600, 'an hour'],
    [86_400, 'a day'],
  ] as const
  const [factor, unit] = units.find(([seconds]) => perSecond * seconds >= 1) ?? [86_400, 'a day']
  const value = perSecond * factor
  return `${value >= 100 ? count(Math.round(value)) : String(Math.round(value * 10) / 10)} ${unit}`
}

function queueMoveWords({ fullest }: GroupComparison): string[] {
  const { before, after } = fullest
  if (before === null || after === null || before.length === null || after.length === null) return []
  const words: string[] = []
  if (before.limit !== after.limit && before.limit !== null && after.limit !== null) {
    words.push(
      `The limit of its fullest member went from ${amount(before.limit, before.unit)} to ${amount(after.limit, after.unit)}.`,
    )
  }
  const [full, wasFull] = [isFull(after), isFull(before)]
  if (full && !wasFull) words.push(`A member is full: ${queueWords(after)}.`)
  else if (wasFull && !full) words.push(`No member is full any more: the fullest holds ${queueWords(after)}.`)
  else if (before.length !== after.length) {
    words.push(`The fullest queue went from ${amount(before.length, before.unit)} to ${queueWords(after)}.`)
  }
  return words
}

function memberWords(group: GroupComparison): string[] {
  const { members, came, went } = group
  const words: string[] = []
  const waiting = went.reduce((sum, { queue }) => sum + (queue.length ?? 0), 0)
  const left = waiting > 0 ? `; ${waited(waiting, group.queue.before.unit)} there when last seen` : ''
  if (went.length > 0 && came.length > 0) {
    words.push(`${several(went.length, 'socket')} left and ${several(came.length, 'new one')} came${left}.`)
  } else if (went.length > 0) {
    words.push(`${several(went.length, 'socket')} left${left}.`)
  } else if (came.length > 0) {
    words.push(`${several(came.length, 'socket')} joined.`)
  }
  if (members.before !== members.after) {
    words.push(`It has ${several(members.after, 'member')} instead of ${count(members.before)}.`)
  }
  return words
}

function ownershipWords({ owner, generation, changed, user }: GroupComparison): string[] {
  const words: string[] = []
  if (owner !== null) words.push(`It was held by ${ownerWords(owner.before)}, and is by ${ownerWords(owner.after)}.`)
  if (generation !== null) {
    // To the second, as every time that the terminal tells.
    const since =
      generation.after === null ? '' : `, the newest since ${generation.after.slice(0, 19).replace('T', ' ')}Z`
    words.push(`Other processes of the same programs hold it${since}.`)
  }
  const otherOwner = changed.filter((member) => member.owner !== null).length
  if (owner === null && otherOwner > 0) words.push(`${several(otherOwner, 'member')} changed hands.`)
  const otherProcess = changed.filter((member) => member.generation !== null).length
  if (generation === null && otherProcess > 0) {
    words.push(`${several(otherProcess, 'member')} moved between processes.`)
  }
  if (user !== null) words.push(`Its user was ${user.before ?? 'several'}, and is ${user.after ?? 'several'}.`)
  return words
}

function kindWords({ sharing, evidence }: GroupComparison): string[] {
  const words: string[] = []
  if (sharing !== null) words.push(`Its sharing was ${sharing.before}, and is ${sharing.after}.`)
  if (evidence !== null) words.push(`We knew it by ${evidence.before}, and do by ${evidence.after}.`)
  return words
}

/** What stands between the two. */
export type Hindrances = {
  readonly opaque: Opaque
  /** Groups of which it is not known whether the other has them, because of pseudonyms. */
  readonly unmatched: number
  /** The users who read them. */
  readonly readAs: { readonly before: number; readonly after: number }
}

/** The whole in a few sentences. */
export function overallWords(comparison: Comparison, { opaque, unmatched, readAs }: Hindrances): string[] {
  const { groups, unchanged, raised, cleared, sysctls, before, after, matchedBy, elapsedMs } = comparison
  const words: string[] = []
  const number = (change: GroupComparison['change']) => groups.filter((group) => group.change === change).length
  const [changed, came, went] = [number('changed'), number('came'), number('went')]
  if (changed + came + went === 0) {
    if (unchanged > 0) words.push(`Nothing changed: ${several(unchanged, 'group is', 'groups are')} the same.`)
    else if (unmatched === 0) words.push('Neither has any group.')
  } else {
    const parts = [
      ...(changed > 0 ? [`${several(changed, 'group')} changed`] : []),
      ...(came > 0 ? [`${count(came)} came`] : []),
      ...(went > 0 ? [`${count(went)} went`] : []),
      `${count(unchanged)} ${unchanged === 1 ? 'is' : 'are'} the same`,
    ]
    words.push(`${parts.join(', ')}.`)
  }
  if (unmatched > 0)
    words.push(`Of ${several(unmatched, 'group')} it cannot be told whether the other snapshot has them.`)
  if (raised.length > 0) words.push(`${several(raised.length, 'finding')} raised.`)
  if (cleared.length > 0) words.push(`${several(cleared.length, 'finding')} cleared.`)
  if (sysctls.length > 0) {
    // They are listed one by one beside this: here only as many as a sentence bears.
    const names = sysctls.length > 3 ? '' : `: ${sysctls.map(({ name }) => name).join(', ')}`
    words.push(`${several(sysctls.length, 'kernel setting')} changed${names}.`)
  }
  if (matchedBy === 'endpoint') {
    const why =
      opaque.size > 0
        ? 'they were redacted in different ways or with different keys'
        : before.hostname !== after.hostname
          ? `they are of two machines, ${before.hostname} and ${after.hostname}`
          : before.bootId === null || after.bootId === null
            ? 'it is not known whether they are of one boot'
            : 'the machine was started again in between'
    words.push(`Groups are matched by endpoint and single members are not compared, because ${why}.`)
  } else if (elapsedMs < 0) {
    words.push(`The second was taken ${durationWords(elapsedMs)} before the first; no rates are given.`)
  }
  if (opaque.size > 0) {
    words.push(
      `Of ${[...opaque].sort().join(', ')} nothing is compared: pseudonyms stand for them, and they were redacted in different ways or with different keys.`,
    )
  }
  if (readAs.before !== readAs.after && !opaque.has('users')) {
    words.push(
      `The first was read as uid ${readAs.before}, the second as uid ${readAs.after}: what only one of them can see is shown as added or removed.`,
    )
  }
  return words
}
