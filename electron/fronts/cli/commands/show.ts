/** `show GROUP`: one group, its members, and how we know. */
import type { Group, Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import { badUsage, Failure } from '../failure.ts'
import { type GroupReference, parseGroupReference, refersTo, shortIds } from '../group-reference.ts'
import { printJson } from '../json.ts'
import { table } from '../layout.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { byEndpoint } from '../summary.ts'
import { memberColumns } from '../tables/members-table.ts'
import { print, type Terminal } from '../terminal.ts'
import { type Line, line, span, wrap } from '../text.ts'
import { unknowns } from '../unknowns.ts'
import {
  count,
  endpoint,
  evidenceInWords,
  evidenceName,
  namespaceName,
  protocolName,
  several,
  sharingInWords,
  userInWords,
} from '../words.ts'

export type ShowOptions = Pick<Filters, 'protocol' | 'netns'> & { readonly json?: boolean; readonly owners: boolean }

/** Prints the group that `text` names, or its JSON. Bad usage where several are meant, a failure where none is there. */
export async function show(text: string, options: ShowOptions, { terminal, connect }: Context): Promise<void> {
  const reference = parseGroupReference(text)
  const client = await connect()
  const selection = {
    ...selectionOf({ ...options, all: true }),
    ...(reference.kind === 'endpoint' ? { port: reference.port } : {}),
  }
  const snapshot = await client.snapshot({ selection, owners: options.owners })
  const group = only(text, reference, snapshot)
  if (options.json === true) return printJson(terminal, group)
  await print(terminal, groupPage(group, snapshot, options, terminal))
}

function only(text: string, reference: GroupReference, snapshot: Snapshot): Group {
  const matches = snapshot.groups.filter((group) => refersTo(reference, group))
  const [match] = matches
  if (match === undefined) throw notThere(text, reference)
  if (matches.length === 1) return match
  const sorted = [...matches].sort(byEndpoint)
  // Short beginnings among these are enough only if the ids were chosen among all; a digit or two to spare is kind.
  const ids = shortIds(
    sorted.map((group) => group.id),
    8,
  )
  const choices = sorted
    .slice(0, 20)
    .map(
      (group) =>
        `  show ${ids.get(group.id) ?? group.id}   ${protocolName(group)} ${endpoint(group)}, ${several(group.members.length, 'socket')}, ${group.sharing}, ${userInWords(group)}, namespace ${namespaceName(group.netns, snapshot.namespaces)}`,
    )
  const rest = sorted.length > choices.length ? [`  and ${count(sorted.length - choices.length)} more`] : []
  throw badUsage([`'${text}' names ${several(matches.length, 'group')}. Type one of`, ...choices, ...rest].join('\n'))
}

function notThere(text: string, reference: GroupReference): Failure {
  const port = Number(text)
  if (reference.kind === 'id' && /^\d+$/.test(text) && port >= 1 && port <= 65535) {
    return new Failure(`No group's id starts with '${text}'. For port ${text} type \`show :${text}\`.`)
  }
  return new Failure(`No group is named by '${text}' here and now. \`groups --all\` lists what is there.`)
}

/** Everything about one group, in lines of at most `terminal.width` columns. */
export function groupPage(
  group: Group,
  snapshot: Snapshot,
  options: { readonly owners: boolean },
  terminal: Pick<Terminal, 'width'>,
): Line[] {
  const prose = Math.min(terminal.width, 100)
  const fact = (name: string, ...texts: (string | null)[]): Line[] => {
    const indent = 14
    const lines = texts.flatMap((text) => (text === null ? [] : wrap(text, Math.max(prose - indent, 20))))
    return lines.map((text, at) => line(span((at === 0 ? name : '').padEnd(indent), 'quiet'), text))
  }
  const receiving = group.members.filter((member) => member.state === 'listening' || member.state === 'unconnected')
  const silent = group.members.length - receiving.length
  const v6only = group.v6only === null ? null : group.v6only ? 'IPv6 only' : 'IPv4 clients too (dual-stack)'
  const doubts = unknowns(group, snapshot.host, options)
  return [
    line(
      span(`${protocolName(group)} ${endpoint(group)}`, 'strong'),
      `  ${several(receiving.length, 'member')}`,
      silent > 0 ? `, ${several(silent, 'socket')} that does not receive` : '',
    ),
    line(''),
    ...fact('Id', group.id),
    ...fact('Sharing', group.sharing, sharingInWords(group.sharing)),
    ...fact('How we know', evidenceName(group.evidence), evidenceInWords(group)),
    ...(v6only === null ? [] : fact('Family', v6only)),
    ...fact(
      'User',
      group.uid === null || group.user === null ? userInWords(group) : `${group.user} (uid ${group.uid})`,
    ),
    ...fact('Namespace', `${namespaceName(group.netns, snapshot.namespaces)} (inode ${group.netns})`),
    ...(group.interface === null ? [] : fact('Interface', group.interface)),
    ...fact('Drops', group.drops === null ? 'unknown' : count(group.drops)),
    line(''),
    ...table(memberColumns(group, options), group.members, terminal.width),
    ...(doubts.length === 0 ? [] : [line(''), line(span('What is unknown', 'head'))]),
    ...doubts.flatMap((sentence) => wrap(sentence, prose, '  ').map((text) => line(text))),
    ...snapshot.findings
      .filter((finding) => finding.group === group.id)
      .flatMap((finding) => [
        line(''),
        line(span(`${finding.severity}: ${finding.summary}`, finding.severity === 'critical' ? 'bad' : 'warning')),
        ...wrap(finding.explanation, prose, '  ').map((text) => line(text)),
        ...wrap(finding.advice, prose, '  ').map((text) => line(text)),
      ]),
  ]
}
