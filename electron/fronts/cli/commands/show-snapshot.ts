/** `show FILE [GROUP]`: what a snapshot holds, as `groups` and `show` tell it of now. */
import type { Context } from '../context.ts'
import { parseGroupReference } from '../group-reference.ts'
import { printJson } from '../json.ts'
import { openSnapshot } from '../snapshot-source.ts'
import { print } from '../terminal.ts'
import { line } from '../text.ts'
import { onlyGroup, type ShowOptions } from './show.ts'

/** Prints the groups of the file, or one of them. */
export async function showSnapshot(
  file: string,
  group: string | undefined,
  options: ShowOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context
  const reference = group === undefined ? null : parseGroupReference(group)
  const snapshot = await openSnapshot(file, { ...options, all: reference !== null }, context)
  const only =
    group === undefined || reference === null
      ? null
      : onlyGroup(group, reference, snapshot, { command: `show ${file}`, file })
  if (options.json === true) return printJson(terminal, only ?? snapshot)
  const { notLive } = await import('../pages/not-live.ts')
  if (terminal.interactive && file !== 'now') await print(terminal, [...notLive(snapshot, new Date()), line('')])
  if (only !== null) {
    const { groupPage } = await import('../pages/group-page.ts')
    return print(terminal, groupPage(only, snapshot, [], options, terminal))
  }
  const { groupsPage } = await import('../pages/groups-page.ts')
  await print(terminal, groupsPage(snapshot, { owners: options.owners, all: true }, terminal))
}
