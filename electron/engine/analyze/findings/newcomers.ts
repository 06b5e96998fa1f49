/**
 * Processes that started just now, next to some that started long before, as while a reload replaces one with the
 * other. They had no time to take their share, and the older ones may be about to exit.
 */

/** A process of this age had time to take its share. */
const SETTLED_MS = 60_000

/** Which of these processes are newcomers, by start time (ms since 1970; one with an unknown start is not). */
export function newcomers(startedAt: readonly (number | null)[], now: number): boolean[] {
  const ages = startedAt.map((time) => (time === null ? null : now - time))
  const oldest = Math.max(...ages.filter((age) => age !== null))
  return ages.map((age) => age !== null && age < SETTLED_MS && age < oldest / 2)
}
