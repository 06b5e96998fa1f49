/** Which group of one snapshot corresponds to which group of the other. */
import type { Comparison } from '../../contract/comparison.ts'
import type { Group, Snapshot } from '../../contract/model.ts'

export type Pair = { readonly before: Group | null; readonly after: Group | null }

/** Every group of both, once, in steps. Matched by id, or by endpoint in the namespace of the same name. */
export function* pairGroups(
  before: Snapshot,
  after: Snapshot,
  by: Comparison['matchedBy'],
): Generator<undefined, Pair[]> {
  const nameOf = by === 'identity' ? (group: Group) => group.id : null
  const waiting = yield* candidatesByName(before, nameOf ?? endpointNames(before))
  const afterName = nameOf ?? endpointNames(after)
  const pairs: Pair[] = []
  const unmatched: { group: Group; candidates: Candidates | undefined }[] = []
  // Several groups may have one endpoint: the most similar are paired first, then the rest.
  for (const group of after.groups) {
    const candidates = waiting.get(afterName(group))
    const alike = candidates?.takeSimilar(group) ?? null
    if (alike === null) unmatched.push({ group, candidates })
    else pairs.push({ before: alike, after: group })
    yield
  }
  for (const { group, candidates } of unmatched) pairs.push({ before: candidates?.takeFirst() ?? null, after: group })
  for (const candidates of waiting.values()) {
    for (let group = candidates.takeFirst(); group !== null; group = candidates.takeFirst()) {
      pairs.push({ before: group, after: null })
    }
  }
  return pairs
}

/** Unpaired groups of one name. A file may have a million of one name: no search is repeated. */
class Candidates {
  readonly #groups: (Group | null)[] = []
  #first = 0
  /** Positions of similar groups, and the next of them. */
  readonly #alike = new Map<string, { readonly places: number[]; next: number }>()

  add(group: Group): void {
    const likeness = similarityOf(group)
    const alike = this.#alike.get(likeness)
    if (alike === undefined) this.#alike.set(likeness, { places: [this.#groups.length], next: 0 })
    else alike.places.push(this.#groups.length)
    this.#groups.push(group)
  }

  /** Call this before anything is taken from the front. */
  takeSimilar(group: Group): Group | null {
    const alike = this.#alike.get(similarityOf(group))
    const place = alike?.places[alike.next]
    if (alike === undefined || place === undefined) return null
    alike.next++
    return this.#take(place)
  }

  takeFirst(): Group | null {
    while (this.#first < this.#groups.length) {
      const group = this.#take(this.#first++)
      if (group !== null) return group
    }
    return null
  }

  #take(place: number): Group | null {
    const group = this.#groups[place] ?? null
    this.#groups[place] = null
    return group
  }
}

function similarityOf({ user, sharing }: Group): string {
  return JSON.stringify([user, sharing])
}

function* candidatesByName(
  { groups }: Snapshot,
  nameOf: (group: Group) => string,
): Generator<undefined, Map<string, Candidates>> {
  const map = new Map<string, Candidates>()
  for (const group of groups) {
    const name = nameOf(group)
    const candidates = map.get(name) ?? new Candidates()
    if (!map.has(name)) map.set(name, candidates)
    candidates.add(group)
    yield
  }
  return map
}

/** A name that means the same on two machines. The engine's own namespace is "self" on each. */
function endpointNames({ namespaces }: Snapshot): (group: Group) => string {
  const names = new Map(namespaces.map(({ inode, name, self }) => [inode, self ? '' : name]))
  return ({ protocol, family, v6only, address, port, interface: bound, netns }) =>
    JSON.stringify([protocol, family, v6only, address, port, bound, names.get(netns) ?? String(netns)])
}
