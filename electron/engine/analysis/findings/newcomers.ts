/**
 * Processes that began just now, among some that began long before: as while a reload replaces one by the other. They
 * have had no time to take their share, and those before them may be about to leave.
 */

/** A process this old has had time to take its share. */
const SETTLED_MS = 60_000

/** Which of these processes are newcomers, by when they started (ms since 1970; an unknown start is none). */
export function newcomers(startedAt: readonly (number | null)[], now: number): boolean[] {
  const ages = startedAt.map((time) => (time === null ? null : now - time))
  const oldest = Math.max(...ages.filter((age) => age !== null))
  return ages.map((age) => age !== null && age < SETTLED_MS && age < oldest / 2)
}
