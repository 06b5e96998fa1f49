/** The queue and the drops of a member in words, with a full queue and current drops marked. */
import type { MemberRow } from '../../../electron/contract/live.ts'
import { formatCount, formatQueue } from '../../ui/format.ts'
import text from '../../ui/text.module.css'
import { UnknownText } from '../../ui/widgets.tsx'
import { DropRate } from './drop-rate.tsx'
import { isFullMember } from './utilization.ts'

export function QueueFact({ row }: { row: MemberRow }) {
  const { length, limit, unit } = formatQueue(row.queue.length, row.queue.limit, row.queue.unit)
  return (
    <>
      <span className={isFullMember(row) ? text.bad : undefined}>{length ?? <UnknownText />}</span> of{' '}
      {limit ?? <UnknownText />} {unit}
    </>
  )
}

export function DropsFact({ row }: { row: MemberRow }) {
  return (
    <>
      <span className={(row.dropsPerSecond ?? 0) > 0 ? text.bad : undefined}>
        <DropRate row={row} />
      </span>
      {row.dropsPerSecond !== null && '/s'}
      {row.drops !== null && `, ${formatCount(row.drops)} total`}
    </>
  )
}
