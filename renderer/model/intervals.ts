/** The available refresh intervals. */
export const INTERVALS_MS = [250, 500, 1000, 2000, 5000, 10_000, 60_000] as const

/** 250 → "0.25 s", 60,000 → "1 min". */
export function shortSpan(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`
}
