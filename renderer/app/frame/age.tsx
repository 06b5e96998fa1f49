/** How old the data is: the one number that moves by itself. */
import { useEngineNow, useSession } from '../../model/store/context.ts'
import { formatClock, formatSpan } from '../../ui/format.ts'
import text from '../../ui/text.module.css'
import css from './age.module.css'

const EVERY_MS = 500
/** Data is late when it is older than this many intervals. */
const LATE_INTERVALS = 3

export function Age() {
  const takenAt = useSession((session) => session.sampling?.takenAt ?? null)
  const paused = useSession((session) => session.sampling?.paused ?? false)
  const intervalMs = useSession((session) => session.sampling?.intervalMs ?? 1000)
  const open = useSession((session) => session.link.phase === 'open')
  const now = useEngineNow(EVERY_MS)
  if (takenAt === null) return <span className={css.age}>no data yet</span>
  const age = Math.max(0, now - Date.parse(takenAt))
  const late = !paused && age > LATE_INTERVALS * intervalMs + 1000
  const state = !open ? 'dead' : paused ? 'paused' : late ? 'late' : 'live'
  const words = { dead: 'not connected', paused: 'paused', late: 'late', live: 'live' }[state]
  return (
    <span className={css.age} title={`${words}: data from ${new Date(takenAt).toLocaleString('en-GB')}`}>
      <span className={css[state]} aria-hidden="true" data-mark />
      <span className={text.hidden}>{words}, data is</span>
      <span>
        <b>{formatSpan(age)}</b> old
      </span>
    </span>
  )
}

/** Shown in place of pause, interval and age when the data is not live. */
export function NotLiveAge() {
  const takenAt = useSession((session) => session.sampling?.takenAt ?? null)
  return (
    <span className={css.age}>
      <span className={css.paused} aria-hidden="true" data-mark />
      <span>
        <b>Not live</b>
        {takenAt !== null && ` ${formatClock(Date.parse(takenAt))}`}
      </span>
    </span>
  )
}
