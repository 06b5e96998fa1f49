import type { Group, GroupKey } from '../../contract/model.ts'

/** What the members have in common, without the members and what follows from them. */
export function keyOf({
  members: _,
  queue: __,
  drops: ___,
  given: ____,
  kernelGroups: _____,
  ...key
}: Group): GroupKey {
  return key
}
