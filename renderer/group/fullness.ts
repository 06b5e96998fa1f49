/** When a member counts as full, and how full it is for the eye. */
import { isFull, isNearlyFull } from '../../electron/contract/fullness.ts'
import type { MemberRow } from '../../electron/contract/live.ts'
import { type FillBand, fillBand } from '../ui/fill.ts'

type Member = Pick<MemberRow, 'queue' | 'dropsPerSecond'>

/** True when the member's queue takes nothing more. */
export function isFullMember({ queue, dropsPerSecond }: Member): boolean {
  return isFull(queue, (dropsPerSecond ?? 0) > 0)
}

/** True when little is left of the member's queue, and it is not full. */
export function isNearlyFullMember({ queue, dropsPerSecond }: Member): boolean {
  return isNearlyFull(queue, (dropsPerSecond ?? 0) > 0)
}

/** Step of the colour ramp for a member: one that drops is full below its limit. */
export function bandOf(row: Member, fill: number): FillBand {
  return isFullMember(row) ? 'full' : fillBand(fill)
}
