/** `show GROUP`: one group, its members, and how we know. */
import type { Group, Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import { badUsage, Failure } from '../failure.ts'
import { type GroupReference, parseGroupReference, refersTo, shortIds } from '../group-reference.ts'
import { printJson } from '../json.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { byEndpoint } from '../summary.ts'
import { print } from '../terminal.ts'
import { count, endpoint, namespaceName, protocolName, several, userInWords } from '../words.ts'

/** Who asks for one group: the words that stand before it on the command line, and the file that it is looked for in. */
type Asker = { readonly command: string; readonly file: string | null }

type Observed = Awaited<ReturnType<Context['observe']>>

export type ShowOptions = Pick<Filters, 'protocol' | 'netns'> & { readonly json?: boolean; readonly owners: boolean }

/** Prints the group that `text` names, or its JSON. Bad usage where several are meant, a failure where none is there. */
export async function show(text: string, options: ShowOptions, { terminal, observe }: Context): Promise<void> {
  const reference = parseGroupReference(text)
  const observation = await observe()
  const { group, snapshot } = await findGroup(text, reference, options, observation, 'show')
  if (options.json === true) return printJson(terminal, group)
  const { groupPage } = await import('../pages/group-page.ts')
  const pids = [...new Set(group.members.flatMap(({ holders }) => holders ?? []).map(({ pid }) => pid))]
  await print(terminal, groupPage(group, snapshot, observation.processes(pids), options, terminal))
}

/** The one group that is meant, with the snapshot that it stands in. Throws as `show` does. */
export async function findGroup(
  text: string,
  reference: GroupReference,
  options: ShowOptions,
  from: Observed,
  command: string,
) {
  const selection = {
    ...selectionOf({ ...options, all: true }),
    ...(reference.kind === 'endpoint' ? { port: reference.port } : {}),
  }
  const snapshot = await from.snapshot({ selection, owners: options.owners })
  return { group: onlyGroup(text, reference, snapshot, { command, file: null }), snapshot }
}

/**
 * The one group that is meant, of a file or (null) of this machine. Throws bad usage where several are, a failure where
 * none is there.
 */
export function onlyGroup(text: string, reference: GroupReference, snapshot: Snapshot, asker: Asker): Group {
  const matches = snapshot.groups.filter((group) => refersTo(reference, group))
  const [match] = matches
  if (match === undefined) throw notThere(text, reference, asker)
  if (matches.length === 1) return match
  const sorted = [...matches].sort(byEndpoint)
  // Short beginnings among these are enough only if the ids were chosen among all; a digit or two to spare is kind.
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
        `  ${asker.command} ${ids.get(group.id) ?? group.id}   ${protocolName(group)} ${endpoint(group)}, ${several(group.members.length, 'socket')}, ${group.sharing}, ${userInWords(group)}${where(group)}`,
    )
  const rest = sorted.length > choices.length ? [`  and ${count(sorted.length - choices.length)} more`] : []
  throw badUsage(
    [`'${text}' matches ${several(matches.length, 'group')}. Type one of these:`, ...choices, ...rest].join('\n'),
  )
}

function notThere(text: string, reference: GroupReference, { command, file }: Asker): Failure {
  if (file !== null) {
    return new Failure(`No group in ${file} matches '${text}'. \`show ${file}\` lists those it has.`)
  }
  const port = Number(text)
  if (reference.kind === 'id' && /^\d+$/.test(text) && port >= 1 && port <= 65535) {
    return new Failure(`No group's id starts with '${text}'. For port ${text} type \`${command} :${text}\`.`)
  }
  return new Failure(`No group here matches '${text}'. \`groups --all\` lists what is there.`)
}
