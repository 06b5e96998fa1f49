/** A snapshot for a ticket: Markdown tables (GitHub's dialect, which most trackers read). */

import { endpoint, formatUser, namespaceNames, protocolName } from '../../../contract/format.ts'
import type { Finding } from '../../../contract/model.ts'
import type { SnapshotParts } from '../parts.ts'
import { asCode, asCodeCell, asSentence, asText } from './markdown-text.ts'
import { known, queueText, reportLine } from './summary.ts'

const TITLES = ['Proto', 'Endpoint', 'Namespace', 'Members', 'Owners', 'User', 'Sharing', 'Fullest queue', 'Drops']

export async function* markdown(parts: SnapshotParts): AsyncGenerator<string> {
  let nameOf = namespaceNames([])
  const endpoints = new Map<string, string>()
  for await (const part of parts) {
    if ('head' in part) {
      const { host, takenAt, namespaces, redacted } = part.head
      nameOf = namespaceNames(namespaces)
      yield `# Sockets that share a port on ${asCode(host.hostname)}\n\n`
      yield `Taken ${takenAt}, Linux ${asCode(host.kernelRelease)}, as uid ${host.uid}.`
      yield redacted && redacted.length > 0 ? ` Replaced by pseudonyms: ${redacted.join(', ')}.\n\n` : '\n\n'
      yield `| ${TITLES.join(' | ')} |\n|${'---|'.repeat(TITLES.length)}\n`
    } else if ('group' in part) {
      const { group } = part
      const { receiving, owners, fullest } = reportLine(group)
      const place = `${protocolName(group)} ${endpoint(group)}`
      endpoints.set(group.id, place)
      const cells = [
        asText(protocolName(group)),
        asCodeCell(endpoint(group)),
        asCodeCell(nameOf(group.netns)),
        asText(String(receiving)),
        asCodeCell(owners),
        asCodeCell(formatUser(group)),
        asText(group.sharing),
        asText(fullest === null ? '–' : queueText(fullest)),
        asText(known(group.drops)),
      ]
      yield `| ${cells.join(' | ')} |\n`
    } else {
      yield findingsText(part.findings, endpoints)
    }
  }
}

function findingsText(findings: readonly Finding[], endpoints: ReadonlyMap<string, string>): string {
  if (findings.length === 0) return ''
  const lines = findings.map(
    ({ severity, group, summary, advice }) =>
      `- **${severity}** ${asCode(endpoints.get(group) ?? group)}: ${asSentence(summary)} ${asSentence(advice)}`,
  )
  return `\n## Findings\n\n${lines.join('\n')}\n`
}
