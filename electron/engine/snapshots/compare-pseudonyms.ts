/** What two snapshots cannot compare, because it is redacted on one side only, or under different keys. */
import type { Group, Redaction, Snapshot } from '../../contract/model.ts'
import { COMMON_ADDRESSES } from './redact.ts'

/** The kinds of names that cannot be compared between the two. */
export type Opaque = ReadonlySet<Redaction>

/** Under one key, names that are redacted in both compare like plain names. */
export function opaqueBetween(before: Snapshot, after: Snapshot): Opaque {
  const [one, other] = [new Set(before.redacted), new Set(after.redacted)]
  const sameKey = before.redactionKeyId === after.redactionKeyId
  return new Set([...one, ...other].filter((what) => !(sameKey && one.has(what) && other.has(what))))
}

/**
 * True for two snapshots of one boot with the same ids and cookies on both sides: ids are derived from addresses and
 * users.
 */
export function sameBoot(before: Snapshot, after: Snapshot, opaque: Opaque): boolean {
  const { bootId } = before.host
  return bootId !== null && bootId === after.host.bootId && !opaque.has('addresses') && !opaque.has('users')
}

/** True for a group whose endpoint, or namespace name, the other snapshot may have under another name. */
export function isUnmatchable(group: Group, { namespaces }: Snapshot, opaque: Opaque): boolean {
  const own = namespaces.some(({ inode, self }) => inode === group.netns && self)
  if ((opaque.has('hosts') || opaque.has('commands')) && !own) return true
  const plain = COMMON_ADDRESSES.has(group.address) && (group.interface === null || group.interface === 'lo')
  return opaque.has('addresses') && !plain
}
