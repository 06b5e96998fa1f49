/** `show FILE [GROUP]`: what a snapshot holds, as `groups` and `show` tell it of now. */
import type { Snapshot } from '../../../contract/model.ts'
import type { Context } from '../context.ts'
import { Failure } from '../failure.ts'
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
  const snapshot = narrowed(file, await openSnapshot(file, { all: reference !== null }, context), options)
  const only = group === undefined || reference === null ? null : onlyGroup(group, reference, snapshot, file)
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

/** What the filters leave of it. A failure where the file knows no such namespace. */
function narrowed(file: string, snapshot: Snapshot, { protocol, netns }: ShowOptions): Snapshot {
  if (protocol === undefined && netns === undefined) return snapshot
  const meant = snapshot.namespaces.filter(({ name, inode }) => name === netns || String(inode) === netns)
  if (netns !== undefined && meant.length === 0) {
    const names = snapshot.namespaces.map(({ name }) => name).join(', ')
    throw new Failure(`${file} has no network namespace '${netns}'. It has: ${names}.`)
  }
  const groups = snapshot.groups.filter(
    (group) =>
      (protocol === undefined || group.protocol === protocol) &&
      (netns === undefined || meant.some(({ inode }) => inode === group.netns)),
  )
  const left = new Set(groups.map(({ id }) => id))
  return { ...snapshot, groups, findings: snapshot.findings.filter((finding) => left.has(finding.group)) }
}
