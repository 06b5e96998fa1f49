/** Formats times of snapshots, and the time between two of them. */

/** "today 13:58", "17 Nov 09:12". */
export function formatTaken(takenAt: string, now = new Date()): string {
  const at = new Date(takenAt)
  const clock = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (at.toDateString() === now.toDateString()) return `today ${clock}`
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return `${day}${at.getFullYear() === now.getFullYear() ? '' : ` ${at.getFullYear()}`} ${clock}`
}

/** To the second: "13:58:02"; on another day with the date. */
export function formatTakenExact(takenAt: string, now = new Date()): string {
  const at = new Date(takenAt)
  const clock = at.toLocaleTimeString('en-GB')
  if (at.toDateString() === now.toDateString()) return clock
  return `${formatTaken(takenAt, now).replace(/ \S+$/, '')} ${clock}`
}

/** "50 min later", "2 days earlier", "0.2 s later". */
export function formatElapsed(milliseconds: number): string {
  const absolute = Math.abs(milliseconds)
  const units = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const
  const direction = milliseconds < 0 ? 'earlier' : 'later'
  const [size, name] = units.find(([least]) => absolute >= least) ?? [1000, null]
  if (name === null) return `${(absolute / size).toFixed(1)} s ${direction}`
  const number = Math.round(absolute / size)
  const plural = number !== 1 && (name === 'day' || name === 'hour') ? 's' : ''
  return `${number} ${name}${plural} ${direction}`
}
