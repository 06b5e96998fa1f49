/** `show FILE [GROUP]`: the contents of a snapshot, as `groups` and `show` print them. */
import type { Context } from '../context.ts'
import { parseGroupReference } from '../group-reference.ts'
import { printJson } from '../json.ts'
import type { TableOptions } from '../listing/table-options.ts'
import { openSnapshot } from '../snapshot-source.ts'
import { toGroupList } from '../summary.ts'
import { print } from '../terminal.ts'
import { line } from '../text.ts'
import { matchingGroups, memberRows, reduceToGroups, type ShowOptions } from './show.ts'

/** Prints the groups in the file, or one of them. */
export async function showSnapshot(
  file: string,
  group: string | undefined,
  options: ShowOptions & TableOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context
  const printRows = await memberRows(options, terminal)
  if (printRows === null) return
  const reference = group === undefined ? null : parseGroupReference(group)
  const snapshot = await openSnapshot(file, { ...options, all: reference !== null }, context)
  const matches =
    group === undefined || reference === null
      ? null
      : matchingGroups(group, reference, snapshot, { command: `show ${file}`, file })
  if (options.json === true) return printJson(terminal, matches === null ? snapshot : reduceToGroups(matches, snapshot))
  if (printRows !== 'page') return printRows(matches ?? snapshot.groups, snapshot)
  const { notLive } = await import('../pages/not-live.ts')
  if (terminal.interactive && file !== 'now') await print(terminal, [...notLive(snapshot, new Date()), line('')])
  if (matches !== null) {
    const { groupPage } = await import('../pages/group-page.ts')
    // Which of them receives the traffic would need a kernel lookup; the file shows only that they share the endpoint.
    if (matches.length > 1) {
      const { endpointHead } = await import('../pages/endpoint-page.ts')
      await print(terminal, [...endpointHead(matches), line('')])
    }
    for (const [at, group] of matches.entries()) {
      if (at > 0) await print(terminal, [line('')])
      await print(terminal, groupPage(group, snapshot, [], options, terminal))
    }
    return
  }
  const { groupsPage } = await import('../pages/groups-page.ts')
  await print(terminal, groupsPage(toGroupList(snapshot), { owners: options.owners, all: true }, terminal))
}
