/** Which group of one snapshot is which of the other. */
import type { Comparison } from '../../contract/comparison.ts'
import type { Group, Snapshot } from '../../contract/model.ts'

export type Pair = { readonly before: Group | null; readonly after: Group | null }

/** Every group of both, once. By id, or by what a client connects to, in the namespace of the same name. */
export function pairGroups(before: Snapshot, after: Snapshot, by: Comparison['matchedBy']): Pair[] {
  const nameOf = by === 'identity' ? (group: Group) => group.id : null
  const waiting = buckets(before, nameOf ?? endpointNames(before))
  const afterName = nameOf ?? endpointNames(after)
  const pairs: Pair[] = []
  const unmatched: { group: Group; candidates: Group[] | undefined }[] = []
  // Several groups may have one endpoint: the one that is most alike first, then whatever is left.
  for (const group of after.groups) {
    const candidates = waiting.get(afterName(group))
    const at = candidates?.findIndex(
      (candidate) => candidate.user === group.user && candidate.sharing === group.sharing,
    )
    if (candidates === undefined || at === undefined || at < 0) unmatched.push({ group, candidates })
    else pairs.push({ before: candidates.splice(at, 1)[0] ?? null, after: group })
  }
  for (const { group, candidates } of unmatched) pairs.push({ before: candidates?.shift() ?? null, after: group })
  for (const candidates of waiting.values()) for (const group of candidates) pairs.push({ before: group, after: null })
  return pairs
}

function buckets({ groups }: Snapshot, nameOf: (group: Group) => string): Map<string, Group[]> {
  const map = new Map<string, Group[]>()
  for (const group of groups) {
    const name = nameOf(group)
    const bucket = map.get(name)
    if (bucket === undefined) map.set(name, [group])
    else bucket.push(group)
  }
  return map
}

/** A name that means the same on two machines. The engine's own namespace is "self" on each. */
function endpointNames({ namespaces }: Snapshot): (group: Group) => string {
  const names = new Map(namespaces.map(({ inode, name, self }) => [inode, self ? '' : name]))
  return ({ protocol, family, v6only, address, port, interface: bound, netns }) =>
    JSON.stringify([protocol, family, v6only, address, port, bound, names.get(netns) ?? String(netns)])
}
