/** `groups`: every group of sockets that share a port. */
import type { Finding } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import type { ListOptions } from '../listing/list-options.ts'
import { selectionOf, singlePort } from '../option-values.ts'
import { warnPortInUse } from './port.ts'

/** Prints the groups as a table, or in the format that --output says. */
export async function groups(options: ListOptions, context: Context): Promise<void> {
  const { EXTENDED_GROUPS, groupListColumns } = await import('../listing/group-columns.ts')
  const { byTrouble, troublesOf } = await import('../listing/trouble.ts')
  const { printList } = await import('../listing/print-list.ts')
  const { byCommand, byEndpoint } = await import('../summary.ts')
  await printList(options, context, {
    columns: groupListColumns,
    extended: EXTENDED_GROUPS,
    snapshot: () => readGroups(options, context, (core, request) => core.snapshot(request)),
    documents: (snapshot) => snapshot.groups.map((group) => ({ schema: 'reuseport-inspector/group/1', ...group })),
    read: () => readGroups(options, context, (core, request) => core.groupList(request)),
    rows: ({ groups, findings }) =>
      groups
        .map(byCommand)
        .sort(byEndpoint)
        .sort(byTrouble(troublesOf(findings))),
    async page(read, terminal) {
      const { groupsPage } = await import('../pages/groups-page.ts')
      return groupsPage({ ...read, groups: read.groups.map(byCommand) }, options, terminal)
    },
  })
}

type Core = Awaited<ReturnType<Context['core']>>
type SnapshotRequest = Parameters<Core['groupList']>[0]
type Groups = { readonly groups: readonly { readonly id: string }[]; readonly findings: readonly Finding[] }

/** The groups that the options select. Says who uses the port where there are none. */
export async function readGroups<Read extends Groups>(
  options: ListOptions,
  context: Context,
  read: (core: Core, request: SnapshotRequest) => Promise<Read>,
): Promise<Read> {
  if (options.finding !== undefined) {
    const { rejectUnknownCodes } = await import('../finding-codes.ts')
    await rejectUnknownCodes(options.finding)
  }
  const selection = selectionOf(options)
  const found = await read(await context.core(), { selection, owners: options.owners, countMs: options.for })
  const port = singlePort(options)
  if (port !== null && found.groups.length === 0) {
    const { netns, protocol } = selection
    await warnPortInUse({ port }, { ...(netns !== undefined && { netns }), ...(protocol && { protocol }) }, context)
  }
  return options.finding === undefined ? found : withFinding(found, options.finding)
}

function withFinding<Read extends Groups>(found: Read, codes: readonly string[]): Read {
  const ids = new Set(found.findings.filter(({ code }) => codes.includes(code)).map(({ group }) => group))
  return { ...found, groups: found.groups.filter(({ id }) => ids.has(id)) }
}
