/**
 * An image of a snapshot: one row per group, one bar per member for its utilization. Self-contained, in both themes.
 */

import { endpoint, formatCount, pluralize, protocolName } from '../../../contract/format.ts'
import type { Group } from '../../../contract/model.ts'
import type { SnapshotHead, SnapshotParts } from '../parts.ts'
import { queueText, reportLine } from './summary.ts'
import { markup } from './visible.ts'

const WIDTH = 960
const ROW = 34
const TOP = 84
/** As many rows as a person can take in; the number left out is shown. */
const MAX_ROWS = 200
const BARS = { x: 520, width: 300, height: 20 }
/** Bars in one row. Beyond, each stands for several members, and shows the fullest of them. */
const MAX_COLUMNS = 60

const STYLE = `text{font:13px system-ui,sans-serif;fill:#1b2430}.m{font-family:ui-monospace,'DejaVu Sans Mono',monospace}.q{fill:#5b6775}
.h{font-size:18px;font-weight:600}.p{fill:#fff}.e{fill:#e4e8ee}.f{fill:#2b6cb0}.n{fill:#b7791f}.x{fill:#c53030}.u{fill:none;stroke:#8a94a3;stroke-dasharray:2 2}
@media(prefers-color-scheme:dark){text{fill:#e6eaf0}.q{fill:#9aa6b5}.p{fill:#14181d}.e{fill:#2a313a}.f{fill:#63a4e8}.n{fill:#e0a940}.x{fill:#f07070}}`

/** The shared groups, the fullest first; unshared sockets are left out. */
export async function* svg(parts: SnapshotParts): AsyncGenerator<string> {
  let head: SnapshotHead | undefined
  const groups: Group[] = []
  for await (const part of parts) {
    if ('head' in part) head = part.head
    else if ('group' in part && part.group.sharing !== 'none') groups.push(part.group)
  }
  const shown = groups
    .map((group) => ({ group, summary: reportLine(group) }))
    .sort((a, b) => most(b.summary.utilizations) - most(a.summary.utilizations) || a.group.port - b.group.port)
    .slice(0, MAX_ROWS)
  const left = groups.length - shown.length
  const height = TOP + shown.length * ROW + (left > 0 ? ROW : 0) + 12
  const title = `Sockets that share a port on ${head?.host.hostname ?? 'an unknown machine'}`
  yield `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t">
<title id="t">${markup(title)}</title><style>${STYLE}</style><rect class="p" width="${WIDTH}" height="${height}"/>
<text class="h" x="16" y="28">${markup(cut(title, 76))}</text>
<text class="q" x="16" y="48">${markup(`${head?.takenAt ?? ''}, ${pluralize(groups.length, 'group')}`)}</text>
<text class="q" x="290" y="76">held by</text><text class="q" x="505" y="76" text-anchor="end">members</text><text class="q" x="${BARS.x}" y="76">utilization of each, and the fullest</text>
`
  for (const [at, { group, summary }] of shown.entries()) {
    const y = TOP + at * ROW
    yield `<g><text class="m" x="16" y="${y + 20}">${markup(cutInside(`${protocolName(group)} ${endpoint(group)}`, 34))}</text>
<text class="q" x="290" y="${y + 20}">${markup(cut(summary.owners, 23))}</text><text x="505" y="${y + 20}" text-anchor="end">${formatCount(summary.receiving)}</text>
${queueBars(summary.utilizations, y + 6)}<text class="q" x="${BARS.x + BARS.width + 10}" y="${y + 20}">${markup(summary.fullest === null ? 'unknown' : cut(queueText(summary.fullest), 20))}</text></g>
`
  }
  if (left > 0)
    yield `<text class="q" x="16" y="${TOP + shown.length * ROW + 20}">and ${pluralize(left, 'more group')}</text>\n`
  yield '</svg>\n'
}

function queueBars(fills: readonly number[], y: number): string {
  const columns = Math.min(fills.length, MAX_COLUMNS)
  const step = BARS.width / Math.max(columns, 1)
  const width = Math.max(1, step - 1).toFixed(2)
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * fills.length) / columns)
    const to = Math.floor(((column + 1) * fills.length) / columns)
    const x = (BARS.x + column * step).toFixed(2)
    const fill = Math.max(...fills.slice(from, to))
    if (fill < 0) return `<rect class="u" x="${x}" y="${y}" width="${width}" height="${BARS.height}"/>`
    const height = Math.max(fill > 0 ? 1 : 0, Math.min(1, fill / 1000) * BARS.height)
    const kind = fill > 1000 ? 'x' : fill >= 800 ? 'n' : 'f'
    return `<rect class="e" x="${x}" y="${y}" width="${width}" height="${BARS.height}"/><rect class="${kind}" x="${x}" y="${(y + BARS.height - height).toFixed(2)}" width="${width}" height="${height.toFixed(2)}"/>`
  }).join('')
}

function most(fills: readonly number[]): number {
  return fills.reduce((highest, fill) => Math.max(highest, fill), 0)
}

/** Shortened in the middle: an endpoint ends with its port. */
function cutInside(text: string, characters: number): string {
  const all = Array.from(text)
  if (all.length <= characters) return text
  const end = 12
  return `${all.slice(0, characters - end - 1).join('')}…${all.slice(-end).join('')}`
}

function cut(text: string, characters: number): string {
  const all = Array.from(text)
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`
}
