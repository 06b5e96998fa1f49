/** A group in one line of a report. */

import { receives } from '../../../contract/constants.ts'
import { formatBytes, formatCount } from '../../../contract/format.ts'
import type { Group, Queue } from '../../../contract/model.ts'
import { fullestOf, utilization } from '../../../contract/utilization.ts'
import { ownersOf } from '../compare-owners.ts'
import { describeOwners } from '../describe-comparison.ts'

export type GroupSummary = {
  readonly receiving: number
  readonly idle: number
  readonly owners: string
  /** The fullest member that receives; null where none is known. */
  readonly fullest: Queue | null
  /** Utilization of each receiving member in thousandths of its limit; -1: unknown. */
  readonly utilizations: readonly number[]
}

export function reportLine(group: Group): GroupSummary {
  const receiving = group.members.filter((member) => receives(member.state))
  return {
    receiving: receiving.length,
    idle: group.members.length - receiving.length,
    owners: describeOwners(ownersOf(group.members)),
    fullest: fullestOf(receiving.map(({ queue }) => queue)),
    utilizations: receiving.map(({ queue }) => utilization(queue)),
  }
}

/** "3 of 511", with a unit where it is bytes. */
export function queueText({ length, limit, unit }: Queue): string {
  const scaled = (value: number | null) =>
    value === null ? 'unknown' : unit === 'bytes' ? formatBytes(value) : formatCount(value)
  return limit === null ? scaled(length) : `${scaled(length)} of ${scaled(limit)}`
}

/** A number, or "unknown". */
export function known(value: number | null): string {
  return value === null ? 'unknown' : formatCount(value)
}
