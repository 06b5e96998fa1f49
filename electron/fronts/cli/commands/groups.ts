/** `groups`: every group of sockets that share a port. */
import type { Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import { type ListOptions, listSelection, singlePort } from '../listing/list-options.ts'
import { warnPortInUse } from './port.ts'

/** Prints the groups as a table, or in the format that --output says. */
export async function groups(options: ListOptions, context: Context): Promise<void> {
  const { EXTENDED_GROUPS, groupList } = await import('../listing/group-list.ts')
  const { byTrouble, troublesOf } = await import('../listing/trouble.ts')
  const { printList } = await import('../listing/print-list.ts')
  const { byEndpoint, summarize } = await import('../summary.ts')
  await printList(options, context, {
    columns: (snapshot, troubles) => groupList(snapshot, troubles),
    extended: EXTENDED_GROUPS,
    rows: (snapshot) =>
      snapshot.groups
        .map(summarize)
        .sort(byEndpoint)
        .sort(byTrouble(troublesOf(snapshot.findings))),
    documents: (snapshot) => snapshot.groups.map((group) => ({ schema: 'reuseport-inspector/group/1', ...group })),
    async page(snapshot, terminal) {
      const { groupsPage } = await import('../pages/groups-page.ts')
      return groupsPage(snapshot, options, terminal)
    },
    read: () => readGroups(options, context, options.all === true),
  })
}

/** The groups that the options select. Says who uses the port where there are none. */
export async function readGroups(options: ListOptions, context: Context, all: boolean): Promise<Snapshot> {
  const selection = listSelection(options)
  const core = await context.core()
  const read = await core.snapshot({ selection: { ...selection, all: all || selection.all }, owners: options.owners })
  const snapshot = options.finding === undefined ? read : withFinding(read, options.finding)
  const port = singlePort(options)
  if (port !== null && snapshot.groups.length === 0) {
    const { netns, protocol } = selection
    await warnPortInUse({ port }, { ...(netns !== undefined && { netns }), ...(protocol && { protocol }) }, context)
  }
  return snapshot
}

function withFinding(snapshot: Snapshot, codes: readonly string[]): Snapshot {
  const ids = new Set(snapshot.findings.filter(({ code }) => codes.includes(code)).map(({ group }) => group))
  return { ...snapshot, groups: snapshot.groups.filter(({ id }) => ids.has(id)) }
}
