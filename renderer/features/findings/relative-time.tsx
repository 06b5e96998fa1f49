/** How long ago a finding was raised. */
import { useEngineNow } from '../../model/store/context.ts'
import { formatClock, formatSpan } from '../../ui/format.ts'

const EVERY_MS = 1000

/** "38 s", "26 min", "9 d"; the exact time on hover. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const now = useEngineNow(EVERY_MS)
  const raised = Date.parse(at)
  return (
    <time dateTime={at} className={className} title={new Date(raised).toLocaleString('en-GB')}>
      {spanText(now - raised)}
    </time>
  )
}

/** In whole seconds: tenths would change constantly. */
function spanText(ms: number): string {
  return ms < 10_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : formatSpan(ms)
}

/** "14:47:32" on the same day, otherwise with the date. */
export function formatTimestamp(at: string, now: number): string {
  const raised = new Date(at)
  const sameDay = raised.toDateString() === new Date(now).toDateString()
  return sameDay
    ? formatClock(raised.getTime())
    : raised.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}
