/** A snapshot for a ticket: Markdown tables (GitHub's dialect, which most trackers read). */

import { endpoint, formatUser, protocolName } from '../../../contract/format.ts'
import type { Finding } from '../../../contract/model.ts'
import type { SnapshotParts } from '../parts.ts'
import { known, namespaceNames, queueText, summarize } from './summary.ts'
import { visible } from './visible.ts'

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
      const { receiving, owners, fullest } = summarize(group)
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

/**
 * Escapes every character that Markdown or its HTML could interpret as a character reference (CommonMark 0.31, 2.5).
 */
function asText(text: string): string {
  return visible(text).replace(/[!"#$&'()*+<>?@[\\\]^_`{|}~=]|(?<=^|\s)[-+](?=\s|$)/g, (character) => {
    return `&#${character.codePointAt(0)};`
  })
}

/**
 * A name as code, the only place where no renderer looks for links: a program may be called example.com. The fence is
 * longer than any run of backticks inside (CommonMark 0.31, 6.1).
 */
function asCode(text: string): string {
  const shown = visible(text)
  if (shown.trim() === '') return ''
  const fence = '`'.repeat(1 + Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length)))
  const space = /^[` ]|[` ]$/.test(shown) ? ' ' : ''
  return `${fence}${space}${shown}${space}${fence}`
}

/** The same in a table, which is split into cells at every bare `|` first (GitHub's dialect, 4.10). */
function asCodeCell(text: string): string {
  return asCode(text).replaceAll('|', '\\|')
}

/** A sentence, with what a renderer may take for a link (a dot, a colon or an @ inside a word) as code. */
function asSentence(text: string): string {
  return visible(text)
    .split(/(\s+)/)
    .map((word) => {
      const [, bare = '', stop = ''] = /^(.*?)([.,;:!?)]*)$/s.exec(word) ?? []
      return /[^.][.:@/][^.]/.test(bare) && !/^[\d.,]+$/.test(bare) ? asCode(bare) + asText(stop) : asText(word)
    })
    .join('')
}
