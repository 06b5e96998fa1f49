/** A report that anyone can open: one HTML file without network access or scripts, in both themes, fit for printing. */

import { endpoint, formatCount, formatUser, namespaceNames, pluralize, protocolName } from '../../../contract/format.ts'
import type { Finding, Group, Member } from '../../../contract/model.ts'
import { isFull, isNearlyFull } from '../../../contract/utilization.ts'
import type { SnapshotHead, SnapshotParts } from '../parts.ts'
import { STYLE } from './html-style.ts'
import { known, queueText, reportLine } from './summary.ts'
import { markup } from './visible.ts'

/** Members listed per group; a longer table would be unreadable. The CSV has all. */
const MAX_MEMBERS = 256

export async function* html(parts: SnapshotParts): AsyncGenerator<string> {
  let nameOf = namespaceNames([])
  const endpoints = new Map<string, string>()
  // Findings are shown before the groups, but arrive after them.
  const groups: string[] = []
  for await (const part of parts) {
    if ('head' in part) {
      nameOf = namespaceNames(part.head.namespaces)
      yield top(part.head)
    } else if ('group' in part) {
      endpoints.set(part.group.id, `${protocolName(part.group)} ${endpoint(part.group)}`)
      groups.push(groupHtml(part.group, nameOf(part.group.netns)))
    } else {
      yield findingsHtml(part.findings, endpoints)
    }
  }
  yield GROUPS
  yield* groups
  yield '</div></main></body></html>\n'
}

function top({ host, takenAt, sysctls, namespaces, redacted, durationMs }: SnapshotHead): string {
  const settings = Object.entries(sysctls)
    .map(([name, value]) => `<tr><th scope="row">${markup(name)}</th><td>${markup(String(value))}</td></tr>`)
    .join('')
  const pseudonyms =
    redacted && redacted.length > 0 ? `<p class="note">Replaced by pseudonyms: ${redacted.join(', ')}.</p>` : ''
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer"><title>Sockets that share a port on ${markup(host.hostname)}</title><style>${STYLE}</style></head>
<body><main><h1>Sockets that share a port on ${markup(host.hostname)}</h1>
<p>Taken <time datetime="${takenAt}">${takenAt}</time> in ${formatCount(Math.max(1, durationMs))} ms. Linux ${markup(host.kernelRelease)}, as uid ${host.uid}, ${pluralize(namespaces.length, 'network namespace')}. This is a snapshot: nothing here updates.</p>
${pseudonyms}<details><summary>Kernel settings</summary><table><tbody>${settings}</tbody></table></details>
`
}

const GROUPS = `<h2>Groups</h2><div class="groups"><div class="row head"><span>Endpoint</span><span>Held by</span><span class="num">Members</span><span>Each member’s queue, and the fullest</span><span class="num">Drops</span></div>
`

function groupHtml(group: Group, netns: string): string {
  const { receiving, idle, owners, fullest, utilizations: fills } = reportLine(group)
  const state = fullest === null ? '' : isFull(fullest) ? 'full' : isNearlyFull(fullest) ? 'near' : ''
  const facts = [
    `${pluralize(receiving, 'member')}${idle > 0 ? `, ${pluralize(idle, 'socket')} not receiving` : ''}`,
    `${group.sharing}${group.evidence === 'none' ? '' : ` (${group.evidence})`}`,
    `user ${formatUser(group)}`,
    `namespace ${netns}`,
    `id ${group.id}`,
  ]
  return `<details class="group ${state}"><summary class="row"><span class="ep">${markup(protocolName(group))} ${markup(endpoint(group))}</span><span class="ow">${markup(owners)}</span><span class="num">${formatCount(receiving)}</span><span class="q">${queueBarsHtml(fills)}<span>${fullest === null ? 'unknown' : markup(queueText(fullest))}${state === 'full' ? ' full' : ''}</span></span><span class="num">${known(group.drops)}</span></summary>
<p>${facts.map(markup).join(' · ')}</p>${membersHtml(group.members)}</details>
`
}

function queueBarsHtml(fills: readonly number[]): string {
  const columns = Math.min(fills.length, 32)
  const bars = Array.from({ length: columns }, (_, column) => {
    const part = fills.slice(
      Math.floor((column * fills.length) / columns),
      Math.floor(((column + 1) * fills.length) / columns),
    )
    const highest = Math.max(...part)
    return highest < 0 ? '<i class="u"></i>' : `<i style="--f:${Math.min(1, highest / 1000).toFixed(3)}"></i>`
  })
  return `<span class="comb" aria-hidden="true">${bars.join('')}</span>`
}

function membersHtml(members: readonly Member[]): string {
  const counted = members.some(({ given }) => given !== undefined)
  const rows = members
    .slice(0, MAX_MEMBERS)
    .map(
      ({ cookie, inode, state, queue, drops, given, holders, pollers }) =>
        `<tr><td class="mono">${cookie === null ? 'unknown' : markup(cookie)}</td><td>${inode}</td><td>${state}</td><td>${markup(holders === null ? 'unknown' : holders.map(({ command, pid, fds }) => `${command} ${pid} fd ${fds.join(',')}`).join('; '))}</td><td>${pollers === null ? 'unknown' : pollers.join(', ')}</td><td class="num">${markup(queueText(queue))}</td><td class="num">${known(drops)}</td>${counted ? `<td class="num">${known(given?.count ?? null)}</td>` : ''}</tr>`,
    )
  const rest = members.length - rows.length
  return `<table><thead><tr><th>Cookie</th><th>Inode</th><th>State</th><th>Held by</th><th>Polled by</th><th class="num">Queue</th><th class="num">Drops</th>${counted ? '<th class="num">Given</th>' : ''}</tr></thead><tbody>${rows.join('')}</tbody></table>${rest > 0 ? `<p class="note">and ${pluralize(rest, 'more member')}; the CSV export has all.</p>` : ''}`
}

function findingsHtml(findings: readonly Finding[], endpoints: ReadonlyMap<string, string>): string {
  if (findings.length === 0) return '<p>No findings when this snapshot was taken.</p>\n'
  const items = findings.map(
    ({ severity, group, summary, evidence: numbers, explanation, advice }) =>
      `<li class="${severity}"><strong>${severity}: ${markup(endpoints.get(group) ?? group)}</strong> ${markup(summary)}${numbersHtml(numbers)}<p>${markup(explanation)}</p><p>${markup(advice)}</p></li>`,
  )
  return `<h2>Findings</h2><ul>${items.join('')}</ul>\n`
}

function numbersHtml(numbers: Finding['evidence']): string {
  const facts = numbers.map(
    ({ name, value, unit }) => `${name}: ${value === null ? 'unknown' : value.toLocaleString('en')} ${unit ?? ''}`,
  )
  return facts.length === 0 ? '' : `<p class="note">${markup(facts.join(' · '))}</p>`
}
