/** Groups as the lines of a list in a terminal: made of a frame, without looking at members, or of a snapshot. */
import type { GroupRow, Owner } from './live.ts'
import type { Finding, GroupKey, Snapshot } from './model.ts'

/** A group without its members: a part of a live row. */
export type ListedGroup = GroupKey &
  Pick<GroupRow, 'receiving' | 'bound' | 'connected' | 'ownersHidden' | 'queue' | 'fullest' | 'drops' | 'given'> & {
    readonly owners: readonly Pick<Owner, 'command' | 'processes'>[]
  }

/** A snapshot with such groups. */
export type GroupList = Omit<Snapshot, 'groups' | 'findings'> & {
  readonly groups: readonly ListedGroup[]
  readonly findings: readonly Finding[]
}
