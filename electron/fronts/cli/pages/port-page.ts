/** The page of `port`: who has it, which socket answers, whether a bind would succeed, findings. */
import type { Namespace } from '../../../contract/model.ts'
import type { PortHolder, PortInFront, PortRange, PortUse } from '../../../contract/port.ts'
import { actsInFront, copiesNote, reachRows, uncheckedOf } from '../../../contract/port-rows.ts'
import { formatCount, namespaceName, needsNamespaceColumn, protocolName } from '../format.ts'
import { table } from '../layout.ts'
import { groupColumns } from '../listing/group-columns.ts'
import { byEndpoint } from '../summary.ts'
import { bindTables } from '../tables/port-binds-table.ts'
import { connectionColumns } from '../tables/port-connections-table.ts'
import { reachColumns } from '../tables/port-reach-table.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'
import { sentences } from './probe-page.ts'

/** Connections listed on the page; the JSON has up to 1000. */
const MAX_CONNECTIONS = 10
/** Addresses named for one step in front of the sockets. */
const MAX_ADDRESSES = 6

const tones = { critical: 'bad', warning: 'warning', info: 'plain' } as const satisfies Record<string, Tone>

/** `namespaces`: those of the machine, for their names; `uid`: the engine's user. */
export function portPage(
  use: PortUse,
  { namespaces, uid }: { readonly namespaces: readonly Namespace[]; readonly uid: number },
  columns: number,
): Line[] {
  const prose = Math.min(columns, 100)
  const places = [...use.holders, ...use.binds].map(({ netns }) => netns)
  const nameOf = needsNamespaceColumn(places, namespaces) ? (netns: number) => namespaceName(netns, namespaces) : null
  const connections = use.holders.filter(({ group }) => group === null)
  const listed = connections.slice(0, MAX_CONNECTIONS)
  const rest = connections.length - listed.length + use.omitted
  const groups = [...use.groups].sort(byEndpoint)
  const reaches = reachRows(use.reaches, groups)
  const note = copiesNote(use)
  const copies = note === null ? [] : sentences([note], prose)
  const section = (title: string, lines: readonly Line[]): Line[] =>
    lines.length === 0 ? [] : [line(''), line(span(title, 'head')), ...lines]
  return [
    line(span(`port ${use.port}`, 'strong'), `  ${statesText(use)}`),
    ...sentences([use.summary], prose),
    ...section(
      'Who has it',
      groups.length === 0 ? [] : table(groupColumns(groups, { namespaces, owners: true }), groups, columns),
    ),
    ...section('Connections', [
      ...(listed.length === 0 ? [] : table(connectionColumns(use.port, nameOf), listed, columns)),
      ...(rest === 0 ? [] : [line(span(`and ${formatCount(rest)} more`, 'quiet'))]),
    ]),
    ...section(
      'In front of the sockets',
      use.inFront.filter(actsInFront).flatMap((step) => inFrontLines(step, nameOf, prose)),
    ),
    ...section(
      'Which socket answers',
      reaches.length === 0 ? [] : [...table(reachColumns(reaches, nameOf), reaches, columns), ...copies],
    ),
    ...section('Would a bind succeed?', [
      ...bindTables(use.binds, { nameOf, uid, columns }),
      ...use.ranges.flatMap((range) => sentences(rangeSentences(range, use.port, nameOf), prose)),
    ]),
    ...section(
      'Findings',
      use.findings.flatMap(({ severity, code, summary }) => [
        line(span(severity.padEnd(8), tones[severity]), '  ', span(code, 'strong')),
        ...wrap(summary, prose, '  ').map((text) => line(text)),
      ]),
    ),
    ...section('Not checked', sentences(uncheckedOf(use), prose)),
  ]
}

/** "2 listening, 214 established, 31 time-wait". */
function statesText({ states }: PortUse): string {
  const counts = new Map<PortHolder['state'], number>()
  for (const { state, sockets } of states) counts.set(state, (counts.get(state) ?? 0) + sockets)
  if (counts.size === 0) return 'free'
  return [...counts].map(([state, sockets]) => `${formatCount(sockets)} ${state}`).join(', ')
}

/** "tcp4 10.0.0.5, 10.0.0.6", and below it what happens there. */
function inFrontLines(step: PortInFront, nameOf: ((netns: number) => string) | null, columns: number): Line[] {
  const { state, protocol, family, addresses, netns, detail } = step
  const listed = addresses.slice(0, MAX_ADDRESSES).join(', ')
  const more = addresses.length > MAX_ADDRESSES ? ` and ${formatCount(addresses.length - MAX_ADDRESSES)} more` : ''
  const where = nameOf === null ? '' : ` in ${nameOf(netns)}`
  const heading = wrap(`${protocolName({ protocol, family })} ${listed}${more}${where}`, columns - 2)
  const sign = state === 'redirects' ? span('!', 'warning') : span('?', 'quiet')
  return [
    ...heading.map((text, at) => (at === 0 ? line(sign, ' ', text) : line('  ', text))),
    ...wrap(detail, columns, '  ').map((text) => line(text)),
  ]
}

function rangeSentences(range: PortRange, port: number, nameOf: ((netns: number) => string) | null): string[] {
  const where = nameOf === null ? '' : ` in ${nameOf(range.netns)}`
  const { ephemeralRange } = range
  const parts = [
    ...(range.privileged === true
      ? [`privileged${where}: below ${range.unprivilegedFrom}, a bind needs root or CAP_NET_BIND_SERVICE`]
      : []),
    ...(range.ephemeral === true && ephemeralRange !== null
      ? [
          range.reserved === true
            ? `in the ephemeral range${where} (${ephemeralRange.join('–')}), but reserved: no outgoing connection is given it`
            : `in the ephemeral range${where} (${ephemeralRange.join('–')}): an outgoing connection may take it`,
        ]
      : []),
    ...(range.reserved === true && range.ephemeral !== true ? [`in ip_local_reserved_ports${where}`] : []),
  ]
  return parts.map((part) => `Port ${port} is ${part}.`)
}
