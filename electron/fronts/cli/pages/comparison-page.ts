/** The page of `diff`: a summary, then the groups, findings and settings that differ. */
import type { ComparedSnapshot, Comparison, GroupComparison } from '../../../contract/comparison.ts'
import type { Finding } from '../../../contract/model.ts'
import { count, endpoint, protocolName, several } from '../../../contract/words.ts'
import { durationWords, ownerWords } from '../../../engine/snapshots/compare-words.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'

const marks: Record<GroupComparison['change'], { text: string; tone: Tone }> = {
  changed: { text: 'changed', tone: 'warning' },
  came: { text: 'added', tone: 'good' },
  went: { text: 'removed', tone: 'bad' },
}
const indent = ' '.repeat(9)

export function comparisonPage(comparison: Comparison, terminal: Pick<Terminal, 'width'>): Line[] {
  const columns = Math.min(terminal.width, 100)
  return [
    side('before', comparison.before),
    side('after ', comparison.after),
    line(span(howFarApart(comparison), 'quiet')),
    line(''),
    ...comparison.words.flatMap((sentence) => wrap(sentence, columns).map((text) => line(text))),
    ...storyLines(comparison.groups, columns),
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
    span(`${several(sockets, 'socket')} in ${several(groups, 'group')}`, 'quiet'),
  )
}

function howFarApart({ elapsedMs, matchedBy }: Comparison): string {
  const order = elapsedMs < 0 ? 'earlier' : 'later'
  return `${durationWords(elapsedMs)} ${order}, ${matchedBy === 'identity' ? 'same boot' : 'matched by endpoint'}`
}

/** What changed in each group. */
export function storyLines(groups: readonly GroupComparison[], columns: number): Line[] {
  return groups.flatMap((group, at) => {
    // Added and removed groups take one line each: a blank line only between the kinds.
    const apart = group.change === 'changed' || group.change !== groups[at - 1]?.change
    return [...(apart ? [line('')] : []), ...groupLines(group, columns)]
  })
}

function groupLines(group: GroupComparison, columns: number): Line[] {
  const { key, members, change } = group
  const mark = marks[change]
  const owners = change === 'went' ? group.owners.before : group.owners.after
  const last = change === 'went' ? members.before : members.after
  const moved = change === 'changed' && members.before !== members.after
  const size = `${moved ? `${count(members.before)} → ` : ''}${several(last, 'member')}`
  const words = change === 'changed' || (change === 'went' && group.queue.before.length !== 0) ? group.words : []
  return [
    line(
      span(mark.text.padEnd(9), mark.tone),
      span(`${protocolName(key)} ${endpoint(key)}`, 'strong'),
      `  ${ownerWords(owners)}`,
      span(`  ${size}  ${key.id.slice(0, 8)}`, 'quiet'),
    ),
    ...words.flatMap((sentence) => wrap(sentence, columns, indent).map((text) => line(text))),
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
