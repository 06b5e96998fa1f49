/** The page of `diff`: a summary, then the groups, findings and settings that differ. */
import type { ComparedSnapshot, Comparison, GroupComparison } from '../../../contract/comparison.ts'
import { endpoint, formatCount, formatDuration, pluralize, protocolName } from '../../../contract/format.ts'
import type { Finding } from '../../../contract/model.ts'
import { describeOwners } from '../../../engine/snapshots/index.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'

const changeLabels: Record<GroupComparison['change'], { text: string; tone: Tone }> = {
  changed: { text: 'changed', tone: 'warning' },
  added: { text: 'added', tone: 'good' },
  removed: { text: 'removed', tone: 'bad' },
}
const indent = ' '.repeat(9)

export function comparisonPage(comparison: Comparison, terminal: Pick<Terminal, 'width'>): Line[] {
  const columns = Math.min(terminal.width, 100)
  return [
    side('before', comparison.before),
    side('after ', comparison.after),
    line(span(timeBetween(comparison), 'quiet')),
    line(''),
    ...comparison.summary.flatMap((sentence) => wrap(sentence, columns).map((text) => line(text))),
    ...changeLines(comparison.groups, columns),
    ...findingLines('raised', comparison.raised, columns),
    ...findingLines('cleared', comparison.cleared, columns),
    ...settingLines(comparison),
  ]
}

function side(name: string, { hostname, takenAt, groups, sockets }: ComparedSnapshot): Line {
  return line(
    span(`${name}  `, 'quiet'),
    span(hostname, 'strong'),
    `  ${takenAt}  `,
    span(`${pluralize(sockets, 'socket')} in ${pluralize(groups, 'group')}`, 'quiet'),
  )
}

function timeBetween({ elapsedMs, matchedBy }: Comparison): string {
  const order = elapsedMs < 0 ? 'earlier' : 'later'
  return `${formatDuration(elapsedMs)} ${order}, ${matchedBy === 'identity' ? 'same boot' : 'matched by endpoint'}`
}

/** What changed in each group. */
export function changeLines(groups: readonly GroupComparison[], columns: number): Line[] {
  return groups.flatMap((group, at) => {
    // Added and removed groups take one line each: a blank line only between the kinds.
    const apart = group.change === 'changed' || group.change !== groups[at - 1]?.change
    return [...(apart ? [line('')] : []), ...groupLines(group, columns)]
  })
}

function groupLines(group: GroupComparison, columns: number): Line[] {
  const { key, members, change } = group
  const mark = changeLabels[change]
  const owners = change === 'removed' ? group.owners.before : group.owners.after
  const last = change === 'removed' ? members.before : members.after
  const moved = change === 'changed' && members.before !== members.after
  const size = `${moved ? `${formatCount(members.before)} → ` : ''}${pluralize(last, 'member')}`
  const summary = change === 'changed' || (change === 'removed' && group.queue.before.length !== 0) ? group.summary : []
  return [
    line(
      span(mark.text.padEnd(9), mark.tone),
      span(`${protocolName(key)} ${endpoint(key)}`, 'strong'),
      `  ${describeOwners(owners)}`,
      span(`  ${size}  ${key.id.slice(0, 8)}`, 'quiet'),
    ),
    ...summary.flatMap((sentence) => wrap(sentence, columns, indent).map((text) => line(text))),
  ]
}

function findingLines(title: 'raised' | 'cleared', findings: readonly Finding[], columns: number): Line[] {
  const tones = { critical: 'bad', warning: 'warning', info: 'quiet' } as const
  return findings.flatMap((finding) => [
    line(''),
    line(
      span(title.padEnd(9), title === 'raised' ? tones[finding.severity] : 'good'),
      span(finding.severity, 'strong'),
    ),
    ...wrap(finding.summary, columns, indent).map((text) => line(text)),
  ])
}

function settingLines({ sysctls }: Comparison): Line[] {
  if (sysctls.length === 0) return []
  const value = (setting: number | string | null) => (setting === null ? 'absent' : String(setting))
  return [
    line(''),
    ...sysctls.map(({ name, before, after }) =>
      line(span('setting  ', 'warning'), `${name}  ${value(before)} → ${value(after)}`),
    ),
  ]
}
