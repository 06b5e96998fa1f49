/** Whether the key of a group passes the filters of a command line, as collect/selection.ts decides for a live frame. */
import type { Selection } from '../../contract/contract.ts'
import type { GroupKey } from '../../contract/model.ts'
import { addressMatcher } from '../../engine/index.ts'

export type FilteredKey = Pick<GroupKey, 'protocol' | 'family' | 'address' | 'port' | 'sharing'>

export function keyTest({
  protocol,
  family,
  port,
  ports,
  address,
  sharing,
}: Omit<Selection, 'all'>): (key: FilteredKey) => boolean {
  const isAt = address === undefined ? () => true : (addressMatcher(address) ?? (() => false))
  return (key) =>
    (protocol === undefined || key.protocol === protocol) &&
    (family === undefined || key.family === family) &&
    (port === undefined || key.port === port) &&
    (ports === undefined || ports.some(([from, to]) => key.port >= from && key.port <= to)) &&
    (sharing === undefined || key.sharing === sharing) &&
    isAt(key.address)
}
