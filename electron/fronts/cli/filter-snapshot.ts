/** Applies the filters to a snapshot from a file, as collect/selection.ts does to the live frame. */
import type { Group, Snapshot } from '../../contract/model.ts'
import { findNamespace } from '../../engine/index.ts'
import { Failure } from './failure.ts'
import { keyTest } from './key-filter.ts'
import { type KeyFilters, selectionOf } from './option-values.ts'

/** The snapshot with the matching groups and their findings. A failure where it has no such namespace. */
export function filterSnapshot(name: string, snapshot: Snapshot, filters: KeyFilters): Snapshot {
  if (!hasNamespace(snapshot, filters)) throw noNamespace(name, snapshot, filters)
  const groups = snapshot.groups.filter(matches(snapshot, filters))
  const left = new Set(groups.map(({ id }) => id))
  return { ...snapshot, groups, findings: snapshot.findings.filter((finding) => left.has(finding.group)) }
}

/** True for groups that match. A user matches by name or uid of any member. */
export function matches(snapshot: Snapshot, filters: KeyFilters): (group: Group) => boolean {
  const { netns, user } = filters
  const inode = netns === undefined ? undefined : (findNamespace(snapshot.namespaces, netns)?.inode ?? null)
  const passes = keyTest(selectionOf(filters))
  return (group) =>
    passes(group) &&
    (inode === undefined || group.netns === inode) &&
    (user === undefined || group.members.some((member) => member.user === user || String(member.uid) === user))
}

export function hasNamespace({ namespaces }: Snapshot, { netns }: KeyFilters): boolean {
  return netns === undefined || findNamespace(namespaces, netns) !== null
}

export function noNamespace(name: string, { namespaces }: Snapshot, { netns }: KeyFilters): Failure {
  const names = namespaces.map((namespace) => namespace.name).join(', ')
  return new Failure(`${name} has no network namespace '${netns}'. It has: ${names}.`)
}
