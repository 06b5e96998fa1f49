/** The page of `groups`: the table, and on a terminal a summary. */
import type { GroupList, ListedGroup } from '../../../contract/group-list.ts'
import type { Finding } from '../../../contract/model.ts'
import { pluralize } from '../format.ts'
import { table } from '../layout.ts'
import { groupColumns } from '../listing/group-columns.ts'
import type { ListOptions } from '../listing/list-options.ts'
import { byTrouble, troublesOf } from '../listing/trouble.ts'
import type { Filters } from '../option-values.ts'
import { byEndpoint } from '../summary.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'

export type GroupsPageOptions = Filters & { readonly owners: boolean }

/** The table; on a terminal, findings and a summary below it. */
export function groupsPage(
  snapshot: GroupList,
  options: GroupsPageOptions,
  terminal: Pick<Terminal, 'width' | 'interactive'>,
): Line[] {
  const troubles = troublesOf(snapshot.findings)
  const rows = [...snapshot.groups].sort(byEndpoint).sort(byTrouble(troubles))
  const columns = groupColumns(rows, { namespaces: snapshot.namespaces, owners: options.owners, troubles })
  const lines = rows.length > 0 || !terminal.interactive ? table(columns, rows, terminal.width) : []
  if (!terminal.interactive) return lines
  const tone = rows.length > 0 ? 'quiet' : 'plain'
  const sentences = summaryOf(snapshot, options).flatMap((sentence) => wrap(sentence, Math.max(terminal.width, 40)))
  return [
    ...lines,
    ...findingLines(snapshot, terminal.width),
    ...(rows.length > 0 ? [line('')] : []),
    ...sentences.map((text) => line(span(text, tone))),
  ]
}

const severities = ['critical', 'warning', 'info'] as const satisfies readonly Finding['severity'][]
const tones = { critical: 'bad', warning: 'warning', info: 'quiet' } as const

/** One finding per line, by severity; the finding's summary names its group. */
function findingLines({ findings }: Pick<GroupList, 'findings'>, columns: number): Line[] {
  if (findings.length === 0) return []
  const margin = ' '.repeat(10)
  const linesOf = ({ severity, summary }: Finding) =>
    wrap(summary, Math.max(columns, 40), margin).map((text, at) =>
      at === 0 ? line(span(severity.padEnd(margin.length), tones[severity]), text.trimStart()) : line(text),
    )
  const worstFirst = severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
  return [line(''), ...worstFirst.flatMap(linesOf)]
}

/** The summary: what was read, or why the list is empty; and what is hidden. */
function summaryOf(snapshot: GroupList, options: GroupsPageOptions): string[] {
  const { groups } = snapshot
  if (groups.length === 0) return [emptyMessage(snapshot, options)]
  const sum = (of: (group: ListedGroup) => number) => groups.reduce((total, group) => total + of(group), 0)
  const members = sum(({ receiving, bound, connected }) => receiving + bound + connected)
  const hidden = options.owners ? sum(({ ownersHidden }) => ownersHidden) : 0
  const places = new Set(groups.map(({ netns }) => netns)).size
  const where = places > 1 ? ` in ${pluralize(places, 'namespace')}` : ''
  const read = `read in ${pluralize(Math.max(1, Math.round(snapshot.durationMs)), 'ms', 'ms')}`
  return [
    `${pluralize(members, 'socket')} in ${pluralize(groups.length, 'group')}${where}, ${read}.`,
    ...(hidden > 0
      ? [`Owners of ${pluralize(hidden, 'socket')} are hidden. \`reuseport-inspector doctor\` shows why.`]
      : []),
  ]
}

const FILTERS: ReadonlySet<string> = new Set<keyof ListOptions>([
  ...(['protocol', 'port', 'netns', 'user', 'sharing', 'filter', 'tcp', 'udp', 'ipv4', 'ipv6'] as const),
  ...(['listening', 'address', 'pid', 'command', 'unit', 'finding'] as const),
])

/** Why the list is empty. It claims only what was read: other namespaces may not be accessible. */
function emptyMessage({ namespaces }: Pick<GroupList, 'namespaces'>, options: GroupsPageOptions): string {
  const filtered = Object.entries(options).some(([name, value]) => FILTERS.has(name) && value !== undefined)
  const where =
    namespaces.length > 1 ? `any of the ${namespaces.length} network namespaces read` : 'this network namespace'
  const sentence = filtered ? 'No group matches these filters.' : `No sockets share a port in ${where}.`
  return options.all === true ? sentence : `${sentence} Use --all to include unshared sockets.`
}
