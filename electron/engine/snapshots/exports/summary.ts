/** A group in one line of a report. */

import { fillOf, fullestOf } from '../../../contract/fullness.ts'
import { receives } from '../../../contract/meaning.ts'
import type { Group, Namespace, Queue } from '../../../contract/model.ts'
import { bytesInWords, count } from '../../../contract/words.ts'
import { ownersOf } from '../compare-owners.ts'
import { ownerWords } from '../compare-words.ts'

export type GroupSummary = {
  readonly receiving: number
  readonly idle: number
  readonly owners: string
  /** The fullest member that receives; null where none is known. */
  readonly fullest: Queue | null
  /** Utilization of each receiving member in thousandths of its limit; -1: unknown. */
  readonly fills: readonly number[]
}

export function summarise(group: Group): GroupSummary {
  const receiving = group.members.filter((member) => receives(member.state))
  return {
    receiving: receiving.length,
    idle: group.members.length - receiving.length,
    owners: ownerWords(ownersOf(group.members)),
    fullest: fullestOf(receiving.map(({ queue }) => queue)),
    fills: receiving.map(({ queue }) => fillOf(queue)),
  }
}

/** "3 of 511", with a unit where it is bytes. */
export function queueText({ length, limit, unit }: Queue): string {
  const scaled = (value: number | null) =>
    value === null ? 'unknown' : unit === 'bytes' ? bytesInWords(value) : count(value)
  return limit === null ? scaled(length) : `${scaled(length)} of ${scaled(limit)}`
}

/** A number, or "unknown". */
export function known(value: number | null): string {
  return value === null ? 'unknown' : count(value)
}

export function namespaceNames(namespaces: readonly Namespace[]): (inode: number) => string {
  const names = new Map(namespaces.map(({ inode, name }) => [inode, name]))
  return (inode) => names.get(inode) ?? String(inode)
}
