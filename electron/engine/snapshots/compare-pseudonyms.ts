/** What two snapshots cannot tell of each other, because pseudonyms of another key, or on one side alone, stand for it. */
import type { Group, Redaction, Snapshot } from '../../contract/model.ts'
import { EVERYBODYS_ADDRESSES } from './redact.ts'

/** The kinds of names that mean nothing across the two. */
export type Opaque = ReadonlySet<Redaction>

/** Of one key, what is redacted in both compares as the names do. */
export function opaqueBetween(before: Snapshot, after: Snapshot): Opaque {
  const [one, other] = [new Set(before.redacted), new Set(after.redacted)]
  const sameKey = before.redactionKey === after.redactionKey
  return new Set([...one, ...other].filter((what) => !(sameKey && one.has(what) && other.has(what))))
}

/** True for two pictures of one boot whose ids and cookies mean the same on both sides: ids are made of addresses and users. */
export function sameBoot(before: Snapshot, after: Snapshot, opaque: Opaque): boolean {
  const { bootId } = before.host
  return bootId !== null && bootId === after.host.bootId && !opaque.has('addresses') && !opaque.has('users')
}

/** True for a group whose endpoint, or the name of its namespace, the other snapshot may know by another name. */
export function isUnmatchable(group: Group, { namespaces }: Snapshot, opaque: Opaque): boolean {
  const own = namespaces.some(({ inode, self }) => inode === group.netns && self)
  if ((opaque.has('hosts') || opaque.has('commands')) && !own) return true
  const plain = EVERYBODYS_ADDRESSES.has(group.address) && (group.interface === null || group.interface === 'lo')
  return opaque.has('addresses') && !plain
}
