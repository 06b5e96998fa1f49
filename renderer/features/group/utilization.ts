/** When a member counts as full or nearly full, and its step of the color ramp. */

import type { MemberRow } from '../../../electron/contract/live.ts'
import { isFull, isNearlyFull } from '../../../electron/contract/utilization.ts'
import { type UtilizationBand, utilizationBand } from '../../ui/utilization.ts'

type Member = Pick<MemberRow, 'queue' | 'dropsPerSecond'>

/** True when the member's queue accepts nothing more. */
export function isFullMember({ queue, dropsPerSecond }: Member): boolean {
  return isFull(queue, (dropsPerSecond ?? 0) > 0)
}

/** True when the member's queue is nearly full, but not full. */
export function isNearlyFullMember({ queue, dropsPerSecond }: Member): boolean {
  return isNearlyFull(queue, (dropsPerSecond ?? 0) > 0)
}

/** Step of the color ramp for a member: one that drops counts as full below its limit. */
export function utilizationStep(row: Member, fill: number): UtilizationBand {
  return isFullMember(row) ? 'full' : utilizationBand(fill)
}
