/** A comparison as sentences, made of its own numbers and nothing else. */

import type { Comparison, GroupComparison, HoldingCommand } from '../../contract/comparison.ts'
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatQueue,
  pluralize,
} from '../../contract/format.ts'
import type { Queue } from '../../contract/model.ts'
import { isFull } from '../../contract/utilization.ts'
import type { Opaque } from './compare-pseudonyms.ts'

/** "1 connection queued", "12 KiB queued". */
function formatQueued(many: number, unit: Queue['unit']): string {
  return `${unit === 'bytes' ? formatBytes(many) : pluralize(many, 'connection')} queued`
}

/** "nginx ×4, haproxy"; "unknown" where no holder is visible. */
export function describeOwners(owners: readonly HoldingCommand[]): string {
  if (owners.length === 0) return 'unknown'
  const shown = owners.slice(0, 4).map(({ command, processes }) => {
    const name = command.trim() === '' ? '(no name)' : command
    return `${name}${processes > 1 ? ` ×${processes}` : ''}`
  })
  return shown.join(', ') + (owners.length > 4 ? ` and ${pluralize(owners.length - 4, 'other')}` : '')
}

/** What changed in one group, one sentence each, the most important first. */
export function describeGroup(group: GroupComparison): string[] {
  if (group.change === 'added') {
    const held = group.owners.after.length > 0 ? `, held by ${describeOwners(group.owners.after)}` : ''
    return [`Added: ${pluralize(group.members.after, 'member')}${held}.`]
  }
  if (group.change === 'removed') {
    return [`Removed: ${pluralize(group.members.before, 'member')}. ${describeLastSeen(group.queue.before)}`]
  }
  return [
    ...describeLosses(group),
    ...describeQueueChange(group),
    ...describeMembers(group),
    ...describeOwnership(group),
    ...describeSharing(group),
  ]
}

function describeLastSeen(queue: Queue): string {
  if (queue.length === null) return 'Its queue lengths are unknown.'
  return queue.length === 0
    ? 'Its queues were empty when last seen.'
    : `${formatQueued(queue.length, queue.unit)} when last seen.`
}

function describeLosses({ dropped, droppedPerSecond, key, removed }: GroupComparison): string[] {
  if (dropped === null || dropped === 0) return []
  const what = key.protocol === 'tcp' ? pluralize(dropped, 'connection attempt') : pluralize(dropped, 'datagram')
  const rate = droppedPerSecond === null ? '' : `, ${describeRate(droppedPerSecond)}`
  // A member that left took its drop counter with it.
  return [`${removed.length > 0 ? 'At least ' : ''}${what} ${dropped === 1 ? 'was' : 'were'} dropped${rate}.`]
}

/** "12.5 per second", or "3 per hour" where that is below one per second. */
export function describeRate(perSecond: number): string {
  const units = [
    [1, 'per second'],
    [60, 'per minute'],
    [3600, 'per hour'],
    [86_400, 'per day'],
  ] as const
  const [factor, unit] = units.find(([seconds]) => perSecond * seconds >= 1) ?? [86_400, 'per day']
  const value = perSecond * factor
  return `${value >= 100 ? formatCount(Math.round(value)) : String(Math.round(value * 10) / 10)} ${unit}`
}

function describeQueueChange({ fullest }: GroupComparison): string[] {
  const { before, after } = fullest
  if (before === null || after === null || before.length === null || after.length === null) return []
  const words: string[] = []
  if (before.limit !== after.limit && before.limit !== null && after.limit !== null) {
    words.push(
      `The limit of its fullest member changed from ${formatAmount(before.limit, before.unit)} to ${formatAmount(after.limit, after.unit)}.`,
    )
  }
  const [full, wasFull] = [isFull(after), isFull(before)]
  if (full && !wasFull) words.push(`A member is full: ${formatQueue(after)}.`)
  else if (wasFull && !full) words.push(`No member is full now: the fullest holds ${formatQueue(after)}.`)
  else if (before.length !== after.length) {
    words.push(`The fullest queue changed from ${formatAmount(before.length, before.unit)} to ${formatQueue(after)}.`)
  }
  return words
}

function describeMembers(group: GroupComparison): string[] {
  const { members, added, removed } = group
  const words: string[] = []
  const waiting = removed.reduce((sum, { queue }) => sum + (queue.length ?? 0), 0)
  const left = waiting > 0 ? `; ${formatQueued(waiting, group.queue.before.unit)} there when last seen` : ''
  if (removed.length > 0 && added.length > 0) {
    words.push(`${pluralize(removed.length, 'socket')} removed and ${formatCount(added.length)} added${left}.`)
  } else if (removed.length > 0) {
    words.push(`${pluralize(removed.length, 'socket')} removed${left}.`)
  } else if (added.length > 0) {
    words.push(`${pluralize(added.length, 'socket')} added.`)
  }
  if (members.before !== members.after) {
    words.push(`It has ${pluralize(members.after, 'member')} instead of ${formatCount(members.before)}.`)
  }
  return words
}

function describeOwnership({ owner, generation, changed, user }: GroupComparison): string[] {
  const words: string[] = []
  if (owner !== null)
    words.push(`Held by ${describeOwners(owner.before)} before, by ${describeOwners(owner.after)} now.`)
  if (generation !== null) {
    // To the second, like every time in the terminal.
    const since =
      generation.after === null ? '' : `, the newest since ${generation.after.slice(0, 19).replace('T', ' ')}Z`
    words.push(`Other processes of the same programs hold it now${since}.`)
  }
  const otherOwner = changed.filter((member) => member.owner !== null).length
  if (owner === null && otherOwner > 0) words.push(`${pluralize(otherOwner, 'member')} changed owner.`)
  const otherProcess = changed.filter((member) => member.generation !== null).length
  if (generation === null && otherProcess > 0) {
    words.push(`${pluralize(otherProcess, 'member')} moved between processes.`)
  }
  if (user !== null) words.push(`Its user changed from ${user.before ?? 'several'} to ${user.after ?? 'several'}.`)
  return words
}

function describeSharing({ sharing, evidence }: GroupComparison): string[] {
  const words: string[] = []
  if (sharing !== null) words.push(`Its sharing changed from ${sharing.before} to ${sharing.after}.`)
  if (evidence !== null) words.push(`Its evidence changed from ${evidence.before} to ${evidence.after}.`)
  return words
}

/** What limits the comparison. */
export type ComparisonLimits = {
  readonly opaque: Opaque
  /** Groups that pseudonyms keep from being matched with the other snapshot. */
  readonly unmatched: number
  /** The uids as which the snapshots were taken. */
  readonly readAs: { readonly before: number; readonly after: number }
}

/** The whole comparison in a few sentences. */
export function describeComparison(comparison: Comparison, { opaque, unmatched, readAs }: ComparisonLimits): string[] {
  const { groups, unchanged, raised, cleared, sysctls, before, after, matchedBy, elapsedMs } = comparison
  const words: string[] = []
  const number = (change: GroupComparison['change']) => groups.filter((group) => group.change === change).length
  const [changed, added, removed] = [number('changed'), number('added'), number('removed')]
  if (changed + added + removed === 0) {
    if (unchanged > 0) words.push(`Nothing changed: ${pluralize(unchanged, 'group is', 'groups are')} the same.`)
    else if (unmatched === 0) words.push('Neither snapshot has any groups.')
  } else {
    const parts = [
      ...(changed > 0 ? [`${formatCount(changed)} changed`] : []),
      ...(added > 0 ? [`${formatCount(added)} added`] : []),
      ...(removed > 0 ? [`${formatCount(removed)} removed`] : []),
      `${formatCount(unchanged)} unchanged`,
    ]
    words.push(`Groups: ${parts.join(', ')}.`)
  }
  if (unmatched > 0) words.push(`${pluralize(unmatched, 'group')} could not be matched with the other snapshot.`)
  if (raised.length > 0) words.push(`${pluralize(raised.length, 'finding')} raised.`)
  if (cleared.length > 0) words.push(`${pluralize(cleared.length, 'finding')} cleared.`)
  if (sysctls.length > 0) {
    // Settings are listed one by one elsewhere: here only as many as fit a sentence.
    const names = sysctls.length > 3 ? '' : `: ${sysctls.map(({ name }) => name).join(', ')}`
    words.push(`${pluralize(sysctls.length, 'kernel setting')} changed${names}.`)
  }
  if (matchedBy === 'endpoint') {
    const why =
      opaque.size > 0
        ? 'they were redacted in different ways or with different keys'
        : before.hostname !== after.hostname
          ? `they come from two machines, ${before.hostname} and ${after.hostname}`
          : before.bootId === null || after.bootId === null
            ? 'it is unknown whether they are from the same boot'
            : 'the machine was rebooted in between'
    words.push(`Groups are matched by endpoint and individual members are not compared, because ${why}.`)
  } else if (elapsedMs < 0) {
    words.push(`The second snapshot was taken ${formatDuration(elapsedMs)} before the first, so no rates are given.`)
  }
  if (opaque.size > 0) {
    words.push(
      `Not compared: ${[...opaque].sort().join(', ')}. They are pseudonyms, and the snapshots were redacted in different ways or with different keys.`,
    )
  }
  if (readAs.before !== readAs.after && !opaque.has('users')) {
    words.push(
      `The first snapshot was taken as uid ${readAs.before}, the second as uid ${readAs.after}: what only one of them can see is shown as added or removed.`,
    )
  }
  return words
}
