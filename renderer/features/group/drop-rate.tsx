import { formatRate, NO_RATE_YET, unknownDropsText } from '../../ui/format.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import type { MemberEntry } from './member-entry.ts'

/** A member's drops per second, or why there is no number. */
export function DropRate({ row: { drops, dropsPerSecond, queue } }: { row: MemberEntry['row'] }) {
  if (dropsPerSecond !== null) return formatRate(dropsPerSecond)
  if (drops !== null) return <span title={NO_RATE_YET}>–</span>
  return <UnknownText why={unknownDropsText(queue.unit)} />
}
