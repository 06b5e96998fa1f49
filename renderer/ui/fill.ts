/** How full a queue is, as pictures show it. */

export const UNKNOWN_FILL = -1

/** Thousandths of its limit: 1000 at the limit, more over it; -1 where the limit is unknown or zero. */
export function fillOf(queue: { length: number | null; limit: number | null } | null): number {
  if (!queue || queue.length === null || queue.limit === null) return UNKNOWN_FILL
  if (queue.limit === 0) return queue.length === 0 ? 0 : 1001
  // Rounding must not hide that the limit is passed.
  if (queue.length > queue.limit) return Math.max(1001, Math.round((queue.length * 1000) / queue.limit))
  return Math.floor((queue.length * 1000) / queue.limit)
}

export type FillBand = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 'full' | 'unknown'

/** The step of the colour ramp --q-0 to --q-6 and --q-full of tokens.css, for thousandths of the limit. */
export function fillBand(thousandths: number): FillBand {
  if (thousandths < 0) return 'unknown'
  if (thousandths === 0) return 0
  if (thousandths <= 120) return 1
  if (thousandths <= 250) return 2
  if (thousandths <= 400) return 3
  if (thousandths <= 600) return 4
  if (thousandths <= 800) return 5
  return thousandths < 1000 ? 6 : 'full'
}
