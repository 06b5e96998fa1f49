/** `sockets`: one socket per row, including unshared ones. */
import { receives } from '../../../contract/constants.ts'
import type { Context } from '../context.ts'
import type { ListOptions } from '../listing/list-options.ts'
import { readGroups } from './groups.ts'

/** Prints the sockets as a table, or in the format that --output says. */
export async function sockets(options: ListOptions, context: Context): Promise<void> {
  const { EXTENDED_SOCKETS, socketList } = await import('../listing/socket-list.ts')
  const { printList } = await import('../listing/print-list.ts')
  const { byEndpoint } = await import('../summary.ts')
  const { socketRows } = await import('../tables/sockets-table.ts')
  await printList(options, context, {
    columns: (snapshot) => socketList(snapshot),
    extended: EXTENDED_SOCKETS,
    rows: (snapshot) => socketRows([...snapshot.groups].sort(byEndpoint)),
    documents: (snapshot) =>
      snapshot.groups.flatMap(({ members, queue: _, drops: __, kernelGroups: ___, ...group }) =>
        members.map((member) => ({ schema: 'reuseport-inspector/socket/1', ...member, group })),
      ),
    async page(snapshot, terminal) {
      const { socketsPage } = await import('../pages/sockets-page.ts')
      return socketsPage(snapshot, options, terminal)
    },
    async read() {
      const snapshot = await readGroups(options, context, true)
      if (options.listening !== true && options.pid === undefined && options.command === undefined) return snapshot
      const { listening, pid, command } = options
      // The engine selects whole groups.
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
    },
  })
}
