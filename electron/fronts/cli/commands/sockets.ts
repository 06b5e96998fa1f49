/** `sockets`: one socket per row, including unshared ones. */
import { receives } from '../../../contract/constants.ts'
import type { Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import type { ListOptions } from '../listing/list-options.ts'
import { readGroups } from './groups.ts'

/** Prints the sockets as a table, or in the format that --output says. */
export async function sockets(options: ListOptions, context: Context): Promise<void> {
  const { EXTENDED_SOCKETS, socketListColumns, socketRows } = await import('../listing/socket-columns.ts')
  const { printList } = await import('../listing/print-list.ts')
  const { byEndpoint } = await import('../summary.ts')
  const read = async () => withMembers(await readSockets(options, context), options)
  await printList(options, context, {
    columns: socketListColumns,
    extended: EXTENDED_SOCKETS,
    snapshot: read,
    documents: (snapshot) =>
      snapshot.groups.flatMap(({ members, queue: _, drops: __, kernelGroups: ___, ...group }) =>
        members.map((member) => ({ schema: 'reuseport-inspector/socket/1', ...member, group })),
      ),
    read,
    rows: (snapshot) => socketRows([...snapshot.groups].sort(byEndpoint)),
    async page(snapshot, terminal) {
      const { socketsPage } = await import('../pages/sockets-page.ts')
      return socketsPage(snapshot, options, terminal)
    },
  })
}

function readSockets(options: ListOptions, context: Context): Promise<Snapshot> {
  return readGroups(options, context, (core, { selection, owners }) =>
    core.snapshot({ selection: { ...selection, all: true }, owners }),
  )
}

/** The engine selects whole groups: here are the members that match. */
function withMembers(snapshot: Snapshot, { listening, pid, command }: ListOptions): Snapshot {
  if (listening !== true && pid === undefined && command === undefined) return snapshot
  const groups = snapshot.groups.map((group) => ({
    ...group,
    members: group.members.filter(
      ({ state, holders }) =>
        (listening !== true || receives(state)) &&
        (pid === undefined || holders?.some((holder) => holder.pid === pid)) &&
        (command === undefined || holders?.some((holder) => holder.command === command)),
    ),
  }))
  return { ...snapshot, groups }
}
