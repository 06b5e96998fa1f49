/** A member on screen: one object for as long as it is there (member-table.ts). */
import type { MemberRow } from '../../../electron/contract/live.ts'
import type { Presence } from '../../model/groups/group-table.ts'
import type { MemberOwner } from './member-owner.ts'

export type MemberEntry = {
  /** `memberId` of its row. */
  readonly id: string
  /** From 1 in join order, as far as known; not reused while the group is on screen. */
  number: number
  row: MemberRow
  owner: MemberOwner | null
  /** Thousandths of the limit, as `utilization` gives it. */
  fill: number
  presence: Presence
  /** Its cell in the heat grid; -1 for none. */
  place: number
  /** Its index in the columns; -1 for none. */
  index: number
  /** Counts every change; the snapshot value of its subscription. */
  version: number
}
