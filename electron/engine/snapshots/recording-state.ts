/**
 * A snapshot to which the frames of a recording are applied. A frame costs as much as it changes, whatever the size.
 */
import { memberId } from '../../contract/ids.ts'
import type { Group, GroupKey, Member, Snapshot } from '../../contract/model.ts'
import { keyOf } from './group-key.ts'
import { withRecordedGiven } from './recorded-given.ts'
import type { RecordingFrame } from './recording.ts'

/** What a frame did to one group. */
export type GroupStep = {
  readonly key: GroupKey
  /** The whole group was added or removed; null: it exists before and after. */
  readonly whole: 'added' | 'removed' | null
  /** Members that were added or removed with it; 0 where the group stayed. */
  readonly size: number
  /** The changed members of a group that stayed: `before` is null for one that joined, `after` for one that left. */
  readonly members: readonly { readonly before: Member | null; readonly after: Member | null }[]
}

/** `members` replaces those of the group, where frames changed them. */
type Place = { group: Group; members: Map<string, Member> | null }

export class RecordingState {
  /** Sockets in it. */
  sockets = 0
  readonly #places = new Map<string, Place>()
  #head: Omit<Snapshot, 'groups'>
  /** null where it is no longer known. */
  #groups: Group[] | null

  constructor(first: Snapshot) {
    const { groups, ...head } = first
    this.#head = head
    this.#groups = groups
    for (const group of groups) this.#put(group)
  }

  /** Groups in it. */
  get groups(): number {
    return this.#places.size
  }

  /** One group as it is now; null where there is none. */
  group(id: string): Group | null {
    const place = this.#places.get(id)
    return place === undefined ? null : settled(place)
  }

  /** Goes on to the next frame. Changes to things that do not exist have no effect: a recording may be damaged. */
  apply(frame: RecordingFrame): GroupStep[] {
    const steps: GroupStep[] = []
    for (const id of frame.removed) {
      const removed = this.#remove(id)
      if (removed !== null) steps.push(removed)
    }
    for (const change of frame.changed) {
      const place = this.#places.get(change.id)
      if (place !== undefined) steps.push(this.#change(place, change))
    }
    for (const group of frame.added) {
      this.#remove(group.id)
      this.#put(group)
      steps.push({ key: keyOf(group), whole: 'added', size: group.members.length, members: [] })
    }
    if (steps.length > 0) this.#groups = null
    const { takenAt, durationMs, namespaces, sysctls, findings, countedSince } = frame
    this.#head = {
      ...this.#head,
      takenAt,
      durationMs,
      ...(namespaces ? { namespaces } : {}),
      ...(sysctls ? { sysctls } : {}),
      ...(findings ? { findings } : {}),
    }
    if (countedSince !== undefined) {
      const { countedSince: _, countsUnknownBecause: __, ...head } = this.#head
      this.#head = countedSince === null ? head : { ...head, countedSince }
    }
    return steps
  }

  /** The current snapshot. Unchanged parts are the same objects as in the last one. */
  snapshot(): Snapshot {
    this.#groups ??= Array.from(this.#places.values(), settled)
    return { ...this.#head, groups: this.#groups }
  }

  #put(group: Group): void {
    this.#places.set(group.id, { group, members: null })
    this.sockets += group.members.length
  }

  #remove(id: string): GroupStep | null {
    const place = this.#places.get(id)
    if (place === undefined) return null
    const size = place.members?.size ?? place.group.members.length
    this.#places.delete(id)
    this.sockets -= size
    return { key: keyOf(place.group), whole: 'removed', size, members: [] }
  }

  #change(place: Place, change: RecordingFrame['changed'][number]): GroupStep {
    place.members ??= new Map(place.group.members.map((member) => [memberId(member), member]))
    const { members } = place
    const steps: { before: Member | null; after: Member | null }[] = []
    for (const cookie of change.left) {
      const before = members.get(cookie)
      if (before === undefined) continue
      members.delete(cookie)
      this.sockets--
      steps.push({ before, after: null })
    }
    for (const [cookie, length, limit, drops] of change.values) {
      const before = members.get(cookie)
      if (before === undefined) continue
      const after = { ...before, queue: { ...before.queue, length, limit }, drops }
      members.set(cookie, after)
      steps.push({ before, after })
    }
    for (const recorded of change.givenValues ?? []) {
      const before = members.get(recorded[0])
      if (before !== undefined) members.set(recorded[0], withRecordedGiven(before, recorded))
    }
    for (const after of change.joined) {
      const before = members.get(memberId(after)) ?? null
      if (before === null) this.sockets++
      members.set(memberId(after), after)
      steps.push({ before, after })
    }
    const key = change.key ?? keyOf(place.group)
    // The key of another group would give two groups one id.
    const { queue, drops, kernelGroups = place.group.kernelGroups, given = place.group.given } = change
    place.group = {
      ...key,
      id: change.id,
      members: place.group.members,
      queue,
      drops,
      ...(given && { given }),
      ...(kernelGroups && { kernelGroups }),
    }
    return { key, whole: null, size: 0, members: steps }
  }
}

/** The group's current state. */
function settled(place: Place): Group {
  if (place.members !== null) {
    place.group = { ...place.group, members: [...place.members.values()] }
    place.members = null
  }
  return place.group
}
