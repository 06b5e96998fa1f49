/** The page of `probe`. */
import type { Probe } from '../../../contract/analysis.ts'
import { ownersOf } from '../../../engine/snapshots/index.ts'
import { endpoint, formatCount, formatQueueParts } from '../format.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'

export function probePage(probe: Probe, columns: number): Line[] {
  const from = endpoint({ ...probe.remote, interface: null })
  const to = endpoint({ ...probe.local, interface: probe.interface })
  const head = line(span(from, 'strong'), ' to ', span(`${probe.protocol} ${to}`, 'strong'))
  const { member } = probe
  if (member === null) return [head, ...sentences([probe.reason, ...probe.warnings], columns)]
  const { length, limit, unit } = formatQueueParts(member.queue)
  const held = ownersOf([member])
    .map(({ command, processes }) => (processes === 1 ? command : `${command} ×${formatCount(processes)}`))
    .join(', ')
  return [
    head,
    line('  member   ', span(member.cookie ?? 'unknown', 'strong'), ` (inode ${member.inode})`),
    line(`  owner    ${held === '' ? 'unknown' : held}`),
    line(`  queue    ${length ?? 'unknown'} of ${limit ?? 'unknown'} ${unit}`),
    ...sentences([probe.reason, ...probe.warnings], columns),
  ]
}

export function sentences(texts: readonly string[], columns: number): Line[] {
  return texts.flatMap((text) => wrap(text, columns, '  ').map((part) => line(part)))
}
