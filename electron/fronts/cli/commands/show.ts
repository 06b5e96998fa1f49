/** `show GROUP`: one group, its members, and the evidence. */
import { receives } from '../../../contract/constants.ts'
import type { Group, Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import { Failure, usageError } from '../failure.ts'
import { endpoint, formatCount, formatUser, namespaceName, pluralize, protocolName } from '../format.ts'
import { type GroupReference, parseGroupReference, refersTo, shortIds } from '../group-reference.ts'
import { printJson } from '../json.ts'
import { asksForRows, type TableOptions } from '../listing/table-options.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { byEndpoint } from '../summary.ts'
import { print, type Terminal } from '../terminal.ts'
import { type Line, line } from '../text.ts'
import { warnPortInUse } from './port.ts'

/** Where a group was requested: the command for its error messages, and the file searched (null: this machine). */
type LookupOrigin = { readonly command: string; readonly file: string | null }

type Observed = Awaited<ReturnType<Context['core']>>

export type ShowOptions = Pick<Filters, 'protocol' | 'netns'> & {
  readonly owners: boolean
  /** Milliseconds to count. */
  readonly for?: number
  /** Also which clients go to which member. */
  readonly flows?: boolean
}

/** How long clients are sampled where no time is given. */
const FLOWS_MS = 2000

/**
 * Prints the group that `text` names, or a Snapshot of it; for an endpoint that several groups share, all of them and
 * which of them receives its traffic. Usage error where several endpoints match, a failure where none does.
 */
export async function show(text: string, options: ShowOptions & TableOptions, context: Context): Promise<void> {
  const { terminal } = context
  const printRows = await memberRows(options, terminal)
  if (printRows === null) return
  const reference = parseGroupReference(text)
  const core = await context.core()
  const snapshot = await readSnapshot(reference, options, core)
  const found = snapshot.groups.some((group) => refersTo(reference, group))
  if (!found && reference.kind === 'endpoint') {
    const { port, address, protocol } = reference
    const asked = { ...options, ...(protocol !== null && { protocol }) }
    await warnPortInUse({ port, ...(address !== null && { address }) }, asked, context)
  }
  const groups = matchingGroups(text, reference, snapshot, { command: 'show', file: null })
  if (options.json === true) return printJson(terminal, reduceToGroups(groups, snapshot))
  if (printRows !== 'page') return printRows(groups, snapshot)
  const { groupPage } = await import('../pages/group-page.ts')
  if (groups.length > 1) await print(terminal, await endpointLines(groups, context))
  for (const [at, group] of groups.entries()) {
    if (at > 0) await print(terminal, [line('')])
    const pids = [...new Set(group.members.flatMap(({ holders }) => holders ?? []).map(({ pid }) => pid))]
    await print(terminal, groupPage(group, snapshot, await core.processes(pids), options, terminal))
    await printWaiting(group, context)
  }
}

/**
 * Prints members as rows, as `sockets` has them, where the options ask for that; `page` where they do not. null: its
 * columns were asked for, and printed.
 */
export async function memberRows(options: TableOptions, terminal: Terminal) {
  if (!asksForRows(options)) return 'page'
  const { socketListColumns, socketRows } = await import('../listing/socket-columns.ts')
  const { printedColumns, printRows, rejectUnknownColumns } = await import('../listing/print-list.ts')
  const columns = socketListColumns({ namespaces: [] })
  if (await printedColumns(options, terminal, columns)) return null
  rejectUnknownColumns(options, columns)
  return async (groups: readonly Group[], { namespaces }: Snapshot): Promise<void> => {
    const { chosenColumns } = await import('../listing/columns.ts')
    const every = socketListColumns({ namespaces })
    await printRows(options, terminal, { every, columns: chosenColumns(every, options.columns) }, socketRows(groups))
  }
}

/** Who waits in its accept queues. Nothing where nobody does. */
async function printWaiting({ id, protocol, queue, members }: Group, { connect, terminal }: Context): Promise<void> {
  if (protocol !== 'tcp' || (queue.length ?? 0) === 0) return
  const waiting = await (await connect()).group.waiting({ id })
  if (waiting === null) return
  const { waitingLines } = await import('../pages/waiting-lines.ts')
  await print(terminal, waitingLines(waiting, members.filter(({ state }) => receives(state)).length, terminal.width))
}

/**
 * The matching groups of a file or (null) of this machine: one, or all that share the endpoint. Throws as `onlyGroup`
 * does.
 */
export function matchingGroups(
  text: string,
  reference: GroupReference,
  snapshot: Snapshot,
  origin: LookupOrigin,
): Group[] {
  const matches = snapshot.groups.filter((group) => refersTo(reference, group))
  return shareEndpoint(matches) ? matches : [singleGroup(text, reference, snapshot, origin)]
}

/** The snapshot reduced to these groups. */
export function reduceToGroups(groups: readonly Group[], snapshot: Snapshot): Snapshot {
  const ids = new Set(groups.map(({ id }) => id))
  return { ...snapshot, groups: [...groups], findings: snapshot.findings.filter(({ group }) => ids.has(group)) }
}

/** Whether these are several groups of one endpoint: their sockets share it in different ways. */
function shareEndpoint(groups: readonly Group[]): boolean {
  const place = ({ netns, protocol, family, v6only, address, port, interface: bound }: Group) =>
    JSON.stringify([netns, protocol, family, v6only, address, port, bound])
  return groups.length > 1 && new Set(groups.map(place)).size === 1
}

/** Which members receive the traffic of an endpoint that several groups share, by kernel lookup. */
async function endpointLines(groups: readonly Group[], { connect, terminal }: Context): Promise<Line[]> {
  const [first] = groups
  if (first === undefined) return []
  const { protocol, netns, address, port, interface: bound } = first
  const map = await (await connect()).steering.map({
    protocol,
    netns: String(netns),
    local: { address, port },
    ...(bound !== null && { interface: bound }),
  })
  const { endpointHead, endpointReach } = await import('../pages/endpoint-page.ts')
  return [...endpointHead(groups), ...endpointReach(groups, map, terminal.width), line('')]
}

/** The one matching group, and the snapshot it comes from. Throws as `show` does. */
export async function findGroup(
  text: string,
  reference: GroupReference,
  options: ShowOptions,
  from: Observed,
  command: string,
) {
  const snapshot = await readSnapshot(reference, options, from)
  return { group: singleGroup(text, reference, snapshot, { command, file: null }), snapshot }
}

function readSnapshot(reference: GroupReference, options: ShowOptions, from: Observed): Promise<Snapshot> {
  const selection = {
    ...selectionOf({ ...options, all: true }),
    ...(reference.kind === 'endpoint' ? { port: reference.port } : {}),
  }
  const flowsMs = options.flows === true ? (options.for ?? FLOWS_MS) : undefined
  return from.snapshot({ selection, owners: options.owners, countMs: options.for, flowsMs })
}

/**
 * The one matching group of a file or (null) of this machine. Throws a usage error where several match, a failure where
 * none does.
 */
export function singleGroup(text: string, reference: GroupReference, snapshot: Snapshot, origin: LookupOrigin): Group {
  const matches = snapshot.groups.filter((group) => refersTo(reference, group))
  const [match] = matches
  if (match === undefined) throw noMatch(text, reference, origin)
  if (matches.length === 1) return match
  const sorted = [...matches].sort(byEndpoint)
  // At least 8 digits: prefixes that are unique among these matches may be ambiguous among all groups.
  const ids = shortIds(
    sorted.map((group) => group.id),
    8,
  )
  const manyNamespaces = snapshot.namespaces.length > 1
  const where = (group: Group) => (manyNamespaces ? `, in ${namespaceName(group.netns, snapshot.namespaces)}` : '')
  const choices = sorted
    .slice(0, 20)
    .map(
      (group) =>
        `  ${origin.command} ${ids.get(group.id) ?? group.id}   ${protocolName(group)} ${endpoint(group)}, ${pluralize(group.members.length, 'socket')}, ${group.sharing}, ${formatUser(group)}${where(group)}`,
    )
  const rest = sorted.length > choices.length ? [`  and ${formatCount(sorted.length - choices.length)} more`] : []
  throw usageError(
    [`'${text}' matches ${pluralize(matches.length, 'group')}. Use one of these:`, ...choices, ...rest].join('\n'),
  )
}

function noMatch(text: string, reference: GroupReference, { command, file }: LookupOrigin): Failure {
  if (file !== null) {
    return new Failure(`No group in ${file} matches '${text}'. \`show ${file}\` lists its groups.`)
  }
  const port = Number(text)
  if (reference.kind === 'id' && /^\d+$/.test(text) && port >= 1 && port <= 65535) {
    return new Failure(`No group id starts with '${text}'. For port ${text}, use \`${command} :${text}\`.`)
  }
  return new Failure(`No group matches '${text}'. \`groups --all\` lists all groups.`)
}
