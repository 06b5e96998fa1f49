/** A snapshot for a ticket: Markdown tables (GitHub's dialect, which most trackers read). */
import type { Finding } from '../../../contract/model.ts'
import { endpoint, protocolName, userInWords } from '../../../contract/words.ts'
import type { SnapshotParts } from '../parts.ts'
import { known, namespaceNames, queueText, summarise } from './summary.ts'
import { visible } from './visible.ts'

const TITLES = ['Proto', 'Endpoint', 'Namespace', 'Members', 'Owners', 'User', 'Sharing', 'Fullest queue', 'Drops']

export async function* markdown(parts: SnapshotParts): AsyncGenerator<string> {
  let nameOf = namespaceNames([])
  const endpoints = new Map<string, string>()
  for await (const part of parts) {
    if ('head' in part) {
      const { host, takenAt, namespaces, redacted } = part.head
      nameOf = namespaceNames(namespaces)
      yield `# Sockets that share a port on ${asText(host.hostname)}\n\n`
      yield `Taken ${takenAt}, Linux ${asText(host.kernelRelease)}, as uid ${host.uid}.`
      yield redacted && redacted.length > 0 ? ` Pseudonyms stand for ${redacted.join(', ')}.\n\n` : '\n\n'
      yield `| ${TITLES.join(' | ')} |\n|${'---|'.repeat(TITLES.length)}\n`
    } else if ('group' in part) {
      const { group } = part
      const { receiving, owners, fullest } = summarise(group)
      const place = `${protocolName(group)} ${endpoint(group)}`
      endpoints.set(group.id, place)
      const cells = [
        protocolName(group),
        endpoint(group),
        nameOf(group.netns),
        String(receiving),
        owners,
        userInWords(group),
        group.sharing,
        fullest === null ? '–' : queueText(fullest),
        known(group.drops),
      ]
      yield `| ${cells.map(asText).join(' | ')} |\n`
    } else {
      yield findingsText(part.findings, endpoints)
    }
  }
}

function findingsText(findings: readonly Finding[], endpoints: ReadonlyMap<string, string>): string {
  if (findings.length === 0) return ''
  const lines = findings.map(
    ({ severity, group, summary, advice }) =>
      `- **${severity}** ${asText(endpoints.get(group) ?? group)}: ${asText(summary)} ${asText(advice)}`,
  )
  return `\n## Findings\n\n${lines.join('\n')}\n`
}

/** Every character that Markdown or the HTML in it could read as its own, as a character reference (CommonMark 0.31, 2.5). */
function asText(text: string): string {
  return visible(text).replace(/[!"#$&'()*+<>?@[\\\]^_`{|}~=]|(?<=^|\s)[-+](?=\s|$)|:\/\/|www\./g, (match) =>
    Array.from(match, (character) => `&#${character.codePointAt(0)};`).join(''),
  )
}
