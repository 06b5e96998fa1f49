/** Which groups are the lab's own. */
import { LAB_COMMAND } from '../../electron/contract/lab.ts'
import type { GroupRow } from '../../electron/contract/live.ts'

/** True where every holder is a process of the lab. With an owner unseen nobody can say, and it is not marked. */
export function isOurs({ owners, ownersHidden }: Pick<GroupRow, 'owners' | 'ownersHidden'>): boolean {
  return owners.length > 0 && ownersHidden === 0 && owners.every(({ command }) => command === LAB_COMMAND)
}
