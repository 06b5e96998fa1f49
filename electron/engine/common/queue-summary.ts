/** The queues of a group in a few numbers: the same live, from a snapshot and as metrics. */

/** Bars in a table row, one per member; beyond this number each stands for several. */
const SLOTS = 32

/** Utilizations as a row shows them: one per member, past 32 the highest of each share. */
export function queueSlots(fills: number[]): number[] {
  if (fills.length <= SLOTS) return fills
  const slots = new Array<number>(SLOTS).fill(-1)
  for (let index = 0; index < fills.length; index++) {
    const slot = Math.floor((index * SLOTS) / fills.length)
    slots[slot] = Math.max(slots[slot] ?? -1, fills[index] ?? -1)
  }
  return slots
}

/**
 * The longest queue divided by the mean of all: 1 is even, the number of queues means that all is in one. null for
 * fewer than two queues, or where all are empty. Rounded to thousandths.
 */
export function queueImbalance(lengths: readonly number[]): number | null {
  let sum = 0
  let longest = 0
  for (const length of lengths) {
    sum += length
    if (length > longest) longest = length
  }
  return lengths.length < 2 || sum === 0 ? null : Math.round((1000 * longest * lengths.length) / sum) / 1000
}
